// A call after a while of real time, for adapters whose other side is real too.
#pragma once

#include <functional>
#include <memory>

#include "async/task.hpp"
#include "base/time.hpp"

namespace halcyon::async {

/// Calls `ring` on the loop once `after` has passed, unless the alarm is destroyed first. Thread rule: the
/// loop.
class Alarm {
  public:
    Alarm(Executor executor, Duration after, std::function<void()> ring);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::async
