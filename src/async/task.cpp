#include "async/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace halcyon::async {

Task<> yield() { co_await asio::post(co_await asio::this_coro::executor, use_task); }

Task<bool> cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace halcyon::async
