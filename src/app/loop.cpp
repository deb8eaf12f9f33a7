#include "app/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <exception>

#include "async/task_group.hpp"

namespace halcyon::app {

void run_on(boost::asio::io_context& loop, Task<> main) {
    async::TaskGroup group(loop.get_executor());
    group.spawn(std::move(main));
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop.get_executor(), group.join(), [&](const std::exception_ptr& e) {
        thrown = e;
        loop.stop();
    });
    const auto work = boost::asio::make_work_guard(loop);
    loop.restart();  // the end of an earlier run stopped it
    loop.run();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace halcyon::app
