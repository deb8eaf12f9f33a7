// Tells an item that fails by itself from a service that is down. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.hpp"

namespace halcyon::pipeline {

/// A failure counts against the item only if the service has done something else successfully since the
/// item's last failure: an outage is nobody's fault. `successes` is the service's counter of them.
class OwnFailures {
  public:
    /// More than this many, and the item is to leave the way of the others.
    static constexpr unsigned bound = 2;

    void failed(std::uint64_t successes, Cause cause);
    /// It has failed while others did not: it goes alone from now on.
    bool suspect() const { return count_ > 0; }
    bool given_up() const { return count_ >= bound; }
    bool failed_before() const { return last_.has_value(); }
    /// Nothing has succeeded since: another failure would say nothing.
    bool waits(std::uint64_t successes) const { return last_ && successes <= *last_; }

    /// What a service says of itself is never the item's fault.
    static bool may_be_own(Cause cause);

  private:
    unsigned count_ = 0;
    std::optional<std::uint64_t> last_;
};

}  // namespace halcyon::pipeline
