// From a thread that blocks in a driver to the loop.
#pragma once

#include <boost/asio/post.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "async/waiter.hpp"

namespace halcyon::async {

/// Unbounded by itself: what is put in carries a Lease, and the thread waits for the lease. The loop is woken
/// only when the mailbox was empty. Thread rule: `put` and `close` from any thread, `take` on the loop by one
/// coroutine; destruction (it closes) on the loop, when no thread puts any more.
template <class T>
class Mailbox {
  public:
    explicit Mailbox(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
    ~Mailbox() {
        {
            const std::lock_guard lock(state_->mutex);
            state_->closed = true;
        }
        state_->filled.notify();
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    void put(T item) {
        bool wake = false;
        {
            const std::lock_guard lock(state_->mutex);
            wake = state_->items.empty() && !state_->closed;
            state_->items.push_back(std::move(item));
        }
        if (wake) state_->wake();
    }

    /// Nothing more comes; what is inside is still taken.
    void close() {
        {
            const std::lock_guard lock(state_->mutex);
            state_->closed = true;
        }
        state_->wake();
    }

    /// At least one item and at most `most`, in order; empty only when closed and drained.
    Task<std::vector<T>> take(std::size_t most) {
        auto state = state_;
        std::vector<T> taken;
        for (;;) {
            bool closed = false;
            {
                const std::lock_guard lock(state->mutex);
                while (!state->items.empty() && taken.size() < most) {
                    taken.push_back(std::move(state->items.front()));
                    state->items.pop_front();
                }
                closed = state->closed;
            }
            if (!taken.empty() || closed) co_return taken;
            co_await state->filled.wait();
        }
    }

  private:
    struct State : std::enable_shared_from_this<State> {
        explicit State(Executor e) : executor(e), filled(std::move(e)) {}
        void wake() {
            asio::post(executor, [self = this->shared_from_this()] { self->filled.notify(); });
        }
        Executor executor;
        std::mutex mutex;
        std::deque<T> items;
        bool closed = false;
        Event filled;  // loop only
    };
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::async
