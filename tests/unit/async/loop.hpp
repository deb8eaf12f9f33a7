// A loop that tests turn by hand, and coroutines whose end they can look at.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "async/task.hpp"

namespace halcyon::testing {

struct Loop {
    boost::asio::io_context io{1};

    async::Executor executor() { return io.get_executor(); }
    /// Everything that is ready.
    void turn() {
        io.restart();
        io.poll();
    }
    /// Until nothing is left, or the deadline: a test that hangs fails.
    void run(std::chrono::seconds longest = std::chrono::seconds(60)) {
        io.restart();
        io.run_for(longest);
        if (!io.stopped()) throw std::runtime_error("the loop still has work after its deadline");
    }
};

/// A coroutine outside of any group.
class Spawned {
  public:
    Spawned(Loop& loop, Task<> task) : state_(std::make_shared<State>()) {
        boost::asio::co_spawn(loop.executor(), std::move(task), Ended{state_});
    }
    void cancel() { state_->signal.emit(boost::asio::cancellation_type::terminal); }
    bool ended() const { return state_->ended; }
    bool succeeded() const { return ended() && !state_->thrown; }
    bool aborted() const {
        try {
            if (state_->thrown) std::rethrow_exception(state_->thrown);
        } catch (const boost::system::system_error& e) {
            return e.code() == boost::asio::error::operation_aborted;
        }
        return false;
    }
    std::exception_ptr thrown() const { return state_->thrown; }

  private:
    struct State {
        boost::asio::cancellation_signal signal;
        bool ended = false;
        std::exception_ptr thrown;
    };
    /// Has no executor of its own, so that `cancel` takes effect at once.
    struct Ended {
        using cancellation_slot_type = boost::asio::cancellation_slot;
        std::shared_ptr<State> state;
        cancellation_slot_type get_cancellation_slot() const noexcept { return state->signal.slot(); }
        void operator()(std::exception_ptr thrown) const {
            state->ended = true;
            state->thrown = std::move(thrown);
        }
    };
    std::shared_ptr<State> state_;
};

template <class T>
Task<> keep(Task<T> task, std::optional<T>* value) {
    value->emplace(co_await std::move(task));
}

/// Runs the loop until the task has its value. Throws what it throws.
template <class T>
T run(Loop& loop, Task<T> task) {
    std::optional<T> value;
    const Spawned spawned(loop, keep(std::move(task), &value));
    loop.run();
    if (spawned.thrown()) std::rethrow_exception(spawned.thrown());
    return std::move(value.value());
}
inline void run(Loop& loop, Task<> task) {
    const Spawned spawned(loop, std::move(task));
    loop.run();
    if (spawned.thrown()) std::rethrow_exception(spawned.thrown());
}

}  // namespace halcyon::testing
