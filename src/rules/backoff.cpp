#include "rules/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace halcyon::rules {

Duration backoff_delay(const BackoffOptions& options, unsigned attempt, Random& random) {
    const auto cap = static_cast<double>(options.cap.count());
    const double grown = static_cast<double>(options.initial.count()) *
                         std::pow(options.factor, static_cast<double>(std::max(attempt, 1U) - 1));
    const double jittered = std::min(grown, cap) * (1 + options.jitter * (2 * random.unit() - 1));
    // Also at the cap many clients must not come back at the same moment, so the draw precedes the cut.
    return std::max(Duration(1),
                    std::min(options.cap, Duration(static_cast<Duration::rep>(std::min(jittered, cap)))));
}

}  // namespace halcyon::rules
