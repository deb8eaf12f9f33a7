// One key, one order (law 2). Pure.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pipeline/work.hpp"

namespace halcyon::pipeline {

/// At most one work a key is in flight; at most one newer one is parked behind it. What is superseded gives
/// its tickets to its superseder. One sequencer a collection.
class KeySequencer {
  public:
    /// The work, if it may start now; nothing if it was parked or superseded.
    std::optional<Work> admit(Work work);
    /// The key's work has ended. REQUIRES: it is in flight. Yields the parked one, which is in flight from
    /// now on.
    std::optional<Work> finish(const DocumentKey& key);
    /// Tickets that joined the work in flight since it started; it settles them with its own.
    std::vector<TicketPtr> take_joined(const DocumentKey& key);
    bool has_joined(const DocumentKey& key) const;
    /// All that is parked, in key order; their keys' works in flight stay.
    std::vector<Work> take_parked();

    /// A work on a document of `ns` that is older than `version` is in flight. Looks at every key in flight.
    bool in_flight_before(const Namespace& ns, const Version& version) const;
    std::size_t in_flight() const { return flying_.size(); }
    bool in_flight(const DocumentKey& key) const { return flying_.contains(key); }
    std::size_t parked() const { return parked_.size(); }
    bool idle() const { return flying_.empty(); }

  private:
    struct Flying {
        Version version;
        std::vector<TicketPtr> joined;
    };
    std::unordered_map<DocumentKey, Flying> flying_;
    std::map<DocumentKey, Work> parked_;  // ordered: it is iterated, and a seed must give one history
};

}  // namespace halcyon::pipeline
