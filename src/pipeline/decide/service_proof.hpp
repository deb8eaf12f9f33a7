// Whether a service lives, as far as it matters to what failed (section "Owed" of docs/architecture.md).
// Pure.
#pragma once

#include <cstdint>

#include "base/random.hpp"
#include "base/time.hpp"
#include "rules/backoff.hpp"

namespace halcyon::pipeline {

/// Counts what a service has done successfully: each success is a witness against what failed before it and
/// fails again after it. Where nothing else is left to be sent, a test that harms nobody is the witness, and
/// this says when one may be sent and what it is worth.
class ServiceProof {
  public:
    /// A service that passes its tests and takes nothing else is broken, whatever they say: so many attempts
    /// may be spent on the word of tests alone.
    static constexpr unsigned bound = 100;

    std::uint64_t successes() const { return successes_; }
    void took_something() {
        ++successes_;
        tests_ = 0;
        spent_ = 0;
    }
    void passed_test() { ++successes_; }
    /// An item was given up.
    void spent_attempt() { ++spent_; }
    bool tests_count() const { return spent_ < bound; }

    /// Tests are no more frequent than a breaker's probes.
    Instant next_test() const { return next_; }
    void began_test(Instant now, Random& random) { next_ = now + rules::backoff_delay({}, ++tests_, random); }

  private:
    std::uint64_t successes_ = 0;
    unsigned tests_ = 0;  // since something was taken
    unsigned spent_ = 0;  // the same
    Instant next_ = Instant::min();
};

}  // namespace halcyon::pipeline
