// Stops asking a service that is away, and finds out when it is back. Pure.
#pragma once

#include <optional>

#include "base/random.hpp"
#include "base/time.hpp"
#include "rules/backoff.hpp"

namespace halcyon::rules {

struct BreakerOptions {
    unsigned failures = 3;  // consecutive failures that open it; at least 1
    BackoffOptions probes;  // between the probes while it is open
};

/// Closed: everything goes. Open: nothing goes before `next_probe`; from then on it is half-open: one call at
/// a time goes as a probe (the caller counts), whose outcome closes it or moves `next_probe` on.
class Breaker {
  public:
    explicit Breaker(BreakerOptions options) : options_(options) {}

    bool open() const { return open_; }
    bool allows(Instant now) const { return !open_ || now >= next_probe_; }
    /// When a call may go; Instant::min() while closed.
    Instant next_probe() const { return open_ ? next_probe_ : Instant::min(); }

    void succeeded();
    /// The service is away or overloaded; never for a refused item. A service that says when to come back
    /// (`retry_after`) opens it at once, and is not asked before.
    void failed(Instant now, std::optional<Duration> retry_after, Random& random);

  private:
    BreakerOptions options_;
    bool open_ = false;
    unsigned failures_ = 0;
    unsigned probes_ = 0;
    Instant next_probe_ = Instant::min();
};

}  // namespace halcyon::rules
