#include "async/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace halcyon::async {

Instant SystemClock::now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

WallTime SystemClock::wall() const {
    return {std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
}

Task<> SystemClock::sleep_until(Instant at) {
    using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                             asio::wait_traits<std::chrono::steady_clock>, Executor>;
    Timer timer(co_await asio::this_coro::executor);
    timer.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(at));
    co_await timer.async_wait(use_task);
}

}  // namespace halcyon::async
