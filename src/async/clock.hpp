// Time, as a port: the program reads the system's clocks, a simulation jumps.
#pragma once

#include <chrono>

#include "async/task.hpp"
#include "base/time.hpp"

namespace halcyon::async {

/// Thread rule: the loop only (`now` and `wall` of SystemClock: any thread).
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual WallTime wall() const = 0;
    /// Suspends until `at`; returns at once when it has passed.
    virtual Task<> sleep_until(Instant at) = 0;

    Task<> sleep(Duration d) { return sleep_until(now() + d); }
};

/// steady_clock and system_clock.
class SystemClock final : public Clock {
  public:
    Instant now() const override;
    WallTime wall() const override;
    Task<> sleep_until(Instant at) override;
};

/// The latest moment at which an answer is still wanted. Callees get the smaller of theirs and their
/// caller's.
struct Deadline {
    Instant at = Instant::max();
    static Deadline in(const Clock& clock, Duration d) { return {clock.now() + d}; }
    Duration left(const Clock& clock) const { return at - clock.now(); }
    Deadline sooner(Deadline other) const { return at < other.at ? *this : other; }
};

}  // namespace halcyon::async

namespace halcyon {
using async::Deadline;
}
