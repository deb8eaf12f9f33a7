#include "rules/adaptive_limit.hpp"

#include <algorithm>
#include <cmath>

namespace halcyon::rules {

AdaptiveLimit::AdaptiveLimit(AdaptiveLimitOptions options)
    : options_(options), limit_(std::clamp(options.start, 1U, std::max(options.most, 1U))) {
    options_.most = std::max(options_.most, 1U);
}

void AdaptiveLimit::finished(Outcome outcome, Duration latency) {
    const bool full = in_flight_ >= limit();
    const bool stale = stale_ > 0;
    --in_flight_;
    if (stale) --stale_;
    switch (outcome) {
        case Outcome::ok:
            ++window_calls_;
            window_full_ += full ? 1 : 0;
            window_latency_ += static_cast<double>(latency.count());
            if (window_calls_ >= limit()) end_window();
            break;
        case Outcome::overloaded:
            // Calls that were under way at the last decrease complain about the limit of then.
            if (!stale) shrink();
            break;
        case Outcome::failed:
            break;
    }
}

void AdaptiveLimit::pause_until(Instant until) { paused_until_ = std::max(paused_until_, until); }

void AdaptiveLimit::shrink() {
    limit_ = std::max(1.0, limit_ * options_.decrease);
    stale_ = in_flight_;
    window_calls_ = window_full_ = 0;
    window_latency_ = 0;
}

void AdaptiveLimit::end_window() {
    const double latency = window_latency_ / window_calls_;
    const bool full = window_full_ == window_calls_;
    window_calls_ = window_full_ = 0;
    window_latency_ = 0;

    const double difference = latency - average_;
    // A service of very even latency would otherwise be called overloaded for a hair's breadth.
    const double margin = options_.deviations * std::max(deviation_, average_ / 20);
    const bool rising = measured_ && difference > margin;
    if (measured_) {
        average_ += options_.smoothing * difference;
        deviation_ += options_.smoothing * (std::fabs(difference) - deviation_);
    } else {
        measured_ = true;
        average_ = latency;
        deviation_ = latency / 4;
    }
    if (rising)
        shrink();
    else if (full)
        limit_ = std::min<double>(options_.most, std::floor(limit_) + 1);
}

}  // namespace halcyon::rules
