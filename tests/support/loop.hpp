// A real loop for tests of adapters: starts coroutines, runs until something holds, never sleeps.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "async/clock.hpp"
#include "async/task.hpp"

namespace halcyon::test {

inline Deadline in(std::chrono::milliseconds d) { return Deadline::in(async::SystemClock{}, d); }

/// A coroutine that was started and its end.
template <class T>
struct Started {
    using Value = std::conditional_t<std::is_void_v<T>, bool, T>;
    boost::asio::cancellation_signal signal;
    bool ended = false;
    std::exception_ptr thrown;
    std::optional<Value> value;

    void cancel() { signal.emit(boost::asio::cancellation_type::terminal); }
};

class Loop {
  public:
    async::Executor executor() { return io_.get_executor(); }

    template <class T>
    std::shared_ptr<Started<T>> start(Task<T> task) {
        auto started = std::make_shared<Started<T>>();
        if constexpr (std::is_void_v<T>) {
            boost::asio::co_spawn(io_, std::move(task),
                                  boost::asio::bind_cancellation_slot(started->signal.slot(),
                                                                      [started](std::exception_ptr thrown) {
                                                                          started->thrown = std::move(thrown);
                                                                          started->value = true;
                                                                          started->ended = true;
                                                                      }));
        } else {
            boost::asio::co_spawn(io_, keep(std::move(task), started),
                                  boost::asio::bind_cancellation_slot(started->signal.slot(),
                                                                      [started](std::exception_ptr thrown) {
                                                                          started->thrown = std::move(thrown);
                                                                          started->ended = true;
                                                                      }));
        }
        return started;
    }

    /// Runs the loop until `holds`; throws if that takes longer than `patience`.
    void until(const std::function<bool()>& holds, std::chrono::seconds patience = std::chrono::seconds(30)) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!holds()) {
            if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the test waited in vain");
            if (io_.stopped()) io_.restart();
            io_.run_one_for(std::chrono::milliseconds(20));
        }
    }

    /// Runs the loop until the coroutine has ended; rethrows what it threw.
    template <class T>
    auto wait(const std::shared_ptr<Started<T>>& started) {
        until([&] { return started->ended; });
        if (started->thrown) std::rethrow_exception(started->thrown);
        return std::move(*started->value);
    }
    template <class T>
    auto wait(Task<T> task) {
        return wait(start(std::move(task)));
    }

  private:
    template <class T>
    static Task<> keep(Task<T> task, std::shared_ptr<Started<T>> started) {
        started->value.emplace(co_await std::move(task));
    }

    boost::asio::io_context io_{1};
};

}  // namespace halcyon::test
