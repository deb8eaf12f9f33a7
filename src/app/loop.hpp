// One coroutine on a loop of its own thread, until it has ended.
#pragma once

#include <boost/asio/io_context.hpp>

#include "async/task.hpp"

namespace halcyon::app {

/// Runs `loop` on this thread until `main` has ended, and rethrows what it threw. May be called again.
void run_on(boost::asio::io_context& loop, Task<> main);

}  // namespace halcyon::app
