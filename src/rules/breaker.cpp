#include "rules/breaker.hpp"

#include <algorithm>

namespace halcyon::rules {

void Breaker::succeeded() {
    open_ = false;
    failures_ = 0;
    probes_ = 0;
}

void Breaker::failed(Instant now, std::optional<Duration> retry_after, Random& random) {
    if (!open_) {
        ++failures_;
        if (failures_ < options_.failures && !retry_after) return;
        open_ = true;
        probes_ = 0;
    } else if (now < next_probe_) {
        // A call from before it opened: it says nothing new, and must not push the probe away.
        if (retry_after) next_probe_ = std::max(next_probe_, now + *retry_after);
        return;
    }
    const auto wait = backoff_delay(options_.probes, ++probes_, random);
    next_probe_ = now + std::max(wait, retry_after.value_or(Duration::zero()));
}

}  // namespace halcyon::rules
