#include "async/task_group.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <list>
#include <utility>

#include "async/waiter.hpp"

namespace halcyon::async {
namespace {

bool is_cancellation(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;  // anything else is a bug: the caller keeps the exception and rethrows it at join
    }
}

}  // namespace

struct TaskGroup::State {
    explicit State(Executor e) : executor(e), empty(std::move(e)) {}
    struct Child {
        asio::cancellation_signal signal;
        bool started = false;
    };
    using Children = std::list<Child>;

    Executor executor;
    Event empty;
    Children children;
    bool cancelling = false;
    std::exception_ptr bug;

    void cancel() {
        if (std::exchange(cancelling, true)) return;
        for (auto& child : children)
            if (child.started) child.signal.emit(asio::cancellation_type::terminal);
    }

    /// Runs inside the spawned coroutine. co_spawn (Boost 1.81) lets an exception out of the loop when a
    /// coroutine was cancelled before it started or never suspended: so the signal is sent only to those that
    /// started, and nothing throws after the child has ended.
    static Task<> run(std::shared_ptr<State> state, Children::iterator self, Task<> child) {
        if (state->cancelling) co_return;
        self->started = true;
        std::exception_ptr thrown;
        try {
            co_await std::move(child);
        } catch (...) {
            thrown = std::current_exception();
        }
        co_await asio::this_coro::throw_if_cancelled(false);
        if (thrown && !state->bug && !is_cancellation(thrown)) {
            state->bug = thrown;
            state->cancel();
        }
    }
};

/// What co_spawn calls at the end. A handler that has an executor of its own (as bind_cancellation_slot's)
/// would get its cancellation posted, with a pointer to a signal that may be gone by then.
struct TaskGroup::Ended {
    using cancellation_slot_type = asio::cancellation_slot;
    std::shared_ptr<State> state;
    State::Children::iterator child;

    cancellation_slot_type get_cancellation_slot() const noexcept { return child->signal.slot(); }
    void operator()(const std::exception_ptr&) const {
        state->children.erase(child);
        if (state->children.empty()) state->empty.notify();
    }
};

TaskGroup::TaskGroup(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(Task<> child) {
    const auto at = state_->children.emplace(state_->children.end());
    asio::co_spawn(state_->executor, State::run(state_, at, std::move(child)), Ended{state_, at});
}

void TaskGroup::cancel() { state_->cancel(); }
std::size_t TaskGroup::running() const { return state_->children.size(); }

Task<> TaskGroup::join() {
    const auto state = state_;
    bool stopped = false;
    while (!state->children.empty()) {
        try {
            co_await state->empty.wait();
        } catch (const boost::system::system_error&) {
            stopped = true;
        }
        if (stopped) {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            state->cancel();
        }
    }
    if (state->bug) std::rethrow_exception(state->bug);
    if (stopped) throw boost::system::system_error(asio::error::operation_aborted, "join");
}

}  // namespace halcyon::async
