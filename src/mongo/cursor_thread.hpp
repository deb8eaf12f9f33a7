// A thread that blocks in the driver, and its way to the loop.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "async/alarm.hpp"
#include "async/mailbox.hpp"
#include "async/task.hpp"
#include "base/error.hpp"
#include "mongo/driver.hpp"

namespace halcyon::mongo {

/// A mailbox that may be cut off before the thread that fills it has noticed. Thread rule: `put` from any
/// thread, all others on the loop.
template <class T>
class Outlet {
  public:
    explicit Outlet(async::Executor executor)
        : box_(std::make_unique<async::Mailbox<T>>(std::move(executor))) {}

    /// Forgets the item once the loop has cut the outlet.
    void put(T item) {
        const std::lock_guard lock(mutex_);
        if (box_) box_->put(std::move(item));
    }
    /// REQUIRES: not cut.
    Task<std::vector<T>> take(std::size_t most) { return box_->take(most); }
    void cut() {
        std::unique_ptr<async::Mailbox<T>> gone;
        const std::lock_guard lock(mutex_);
        gone = std::move(box_);
    }

  private:
    std::mutex mutex_;
    std::unique_ptr<async::Mailbox<T>> box_;
};

/// The first message, or after `patience` an Error in its place: then the outlet must be cut, since the
/// message may still come. REQUIRES: `Error` is one of T's alternatives.
template <class T>
Task<T> first_message(std::shared_ptr<Outlet<T>> outlet, async::Executor executor, Duration patience) {
    const async::Alarm alarm(std::move(executor), patience, [outlet] {
        outlet->put(Error{Verdict::retry, Cause::timeout, "MongoDB did not answer in time", {}});
    });
    auto first = co_await outlet->take(1);
    co_return std::move(first.front());
}

/// One thread for one cursor. Thread rule: the loop. The destructor does not wait: a thread that still runs
/// goes to the Driver.
class CursorThread {
  public:
    /// `name`: at most 15 characters. `body` must look at its token at least every `await`; it must not
    /// throw.
    CursorThread(Driver& driver, async::Executor executor, const char* name,
                 std::function<void(std::stop_token)> body);
    ~CursorThread();
    CursorThread(const CursorThread&) = delete;
    CursorThread& operator=(const CursorThread&) = delete;

    /// Asks the thread to end, without waiting.
    void request_stop();
    /// Asks, and waits a second at most: a thread that is inside a call to a server that does not answer goes
    /// to the Driver.
    Task<> stop();

  private:
    struct State;
    void hand_over();

    Driver& driver_;
    std::shared_ptr<State> state_;
    std::stop_source source_;
    std::thread thread_;
};

}  // namespace halcyon::mongo
