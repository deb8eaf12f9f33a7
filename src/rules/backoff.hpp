// How long to wait before trying again. Pure.
#pragma once

#include <chrono>

#include "base/random.hpp"
#include "base/time.hpp"

namespace halcyon::rules {

struct BackoffOptions {
    Duration initial = std::chrono::milliseconds(500);  // after the first failure; over 0
    double factor = 2;                                  // from attempt to attempt; at least 1
    Duration cap = std::chrono::seconds(30);            // never longer than this; at least `initial`
    double jitter = 0.2;  // share by which a delay is drawn longer or shorter, 0 (none) to below 1
};

/// The wait after failure number `attempt` (from 1; 0 counts as 1): over 0, never over the cap.
Duration backoff_delay(const BackoffOptions& options, unsigned attempt, Random& random);

}  // namespace halcyon::rules
