// The one primitive that everything else suspends on.
#pragma once

#include <memory>

#include "async/task.hpp"

namespace halcyon::async {

/// One coroutine may wait at a time; `fire` lets it go on. Completion is always posted, never run inside
/// `fire`. A fire without a waiter is forgotten (see Event for one that is not). Thread rule: the loop only.
/// A waiter that is destroyed cancels whoever waits.
class Waiter {
  public:
    explicit Waiter(Executor executor);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    /// Suspends until `fire`; throws operation_aborted when the coroutine is cancelled.
    /// REQUIRES: nobody else waits.
    Task<> wait();
    bool waiting() const;
    void fire();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// An auto-reset event: `notify` before `wait` is remembered, several notifications are one. One coroutine
/// may wait at a time. Thread rule: the loop only. An event that is destroyed cancels whoever waits.
class Event {
  public:
    explicit Event(Executor executor);
    ~Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    Task<> wait();
    void notify();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::async
