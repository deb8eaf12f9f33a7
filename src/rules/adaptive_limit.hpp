// How many calls a service takes at the same time, found by trying. Pure.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace halcyon::rules {

struct AdaptiveLimitOptions {
    unsigned start = 1;       // calls in flight at first; 1 to `most`
    unsigned most = 16;       // never more than this; at least 1
    double decrease = 0.9;    // factor on overload, over 0 and below 1
    double smoothing = 0.4;   // weight of the newest window in the average latency, over 0 to 1
    double deviations = 2.5;  // a window this many deviations above the average means that queues build up
};

/// Additive increase, multiplicative decrease. One more after every window (`limit` calls) that ran at full
/// use; fewer when the service says that it is overloaded or when a window's latency rises.
class AdaptiveLimit {
  public:
    enum class Outcome {
        ok,
        overloaded,  // 429, 503, time-out
        failed,      // anything else; tells nothing about load
    };

    explicit AdaptiveLimit(AdaptiveLimitOptions options);

    bool may_start() const { return in_flight_ < limit(); }
    /// The same, and not before a pause is over.
    bool may_start(Instant now) const { return now >= paused_until_ && may_start(); }
    void started() { ++in_flight_; }
    /// REQUIRES: a `started` that has not finished.
    void finished(Outcome outcome, Duration latency);
    /// Retry-After: nothing starts before `until`. A shorter pause does not end a longer one.
    void pause_until(Instant until);

    unsigned limit() const { return static_cast<unsigned>(limit_); }
    unsigned in_flight() const { return in_flight_; }

  private:
    void shrink();
    void end_window();

    AdaptiveLimitOptions options_;
    double limit_;
    unsigned in_flight_ = 0;
    unsigned stale_ = 0;  // calls in flight since before the last decrease
    Instant paused_until_ = Instant::min();

    unsigned window_calls_ = 0;
    unsigned window_full_ = 0;
    double window_latency_ = 0;
    bool measured_ = false;
    double average_ = 0;
    double deviation_ = 0;
};

}  // namespace halcyon::rules
