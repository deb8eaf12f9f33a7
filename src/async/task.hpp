// The coroutine type of the house.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace halcyon::async {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;

/// A coroutine on the loop. Cancellation is Asio's throw (type `terminal`) and is caught only in TaskGroup.
/// Spawned coroutines take their parameters by value.
template <class T = void>
using Task = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_task{};

/// Lets everything else that is ready run first.
Task<> yield();

/// True if the current coroutine was asked to stop.
Task<bool> cancelled();

}  // namespace halcyon::async

namespace halcyon {
using async::Task;
}
