// A deadline over a piece of work: when it passes, the work is told to end, and the caller can see why it
// did.
#pragma once

#include <functional>
#include <utility>

#include "async/alarm.hpp"

namespace halcyon::net {

/// The monotonic clock that sockets live by, also in tests.
Instant steady_now();

/// Calls `act` on the loop once `at` has passed, unless it was destroyed before. Thread rule: the loop.
class Watch {
  public:
    Watch(const async::Executor& executor, Instant at, std::function<void()> act)
        : act_(std::move(act)), alarm_(executor, at - steady_now(), [this] {
              expired_ = true;
              act_();
          }) {}
    bool expired() const { return expired_; }

  private:
    bool expired_ = false;
    std::function<void()> act_;
    async::Alarm alarm_;
};

}  // namespace halcyon::net
