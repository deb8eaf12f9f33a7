// The overview of a sidecar as JSON: GET /v1/status, and the topics of telemetry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/overview.hpp"
#include "core/ports/state_store.hpp"

namespace boost::json {
class array;
class object;
}  // namespace boost::json

namespace halcyon::api {

/// Why work should not be routed here, or somebody should look.
struct Reason {
    std::string code;        // stable, for scripts
    std::string says;        // for people
    std::string collection;  // empty: all
    WallTime since{};
    bool operator==(const Reason&) const = default;
};

/// All that is shown, gathered at one moment.
struct Snapshot {
    std::string version;  // of the program
    std::string address;  // of the dashboard; empty: none
    WallTime now{};
    WallTime started{};
    std::uint64_t resident_bytes = 0;
    std::uint64_t limit_bytes = 0;
    bool stopped = false;  // no sidecar runs: this is what the state folder says
    bool ready = false;
    std::vector<Reason> reasons;
    Overview overview;
    std::vector<CollectionCounts> counts;
};

/// The reply of GET /v1/status.
std::string overview_json(const Snapshot& snapshot);
/// Its members but routes, collections, held and changes.
boost::json::object pipeline_json(const Snapshot& snapshot);
boost::json::object route_json(const RouteStatus& route);
/// Those of one collection; zeros: nothing is stored of it.
CollectionCounts counts_of(const std::vector<CollectionCounts>& counts, std::string_view collection);
/// One collection, with what is stored of it.
boost::json::object collection_json(const CollectionStatus& collection,
                                    const std::vector<CollectionCounts>& counts);
boost::json::array changes_json(const std::vector<SettingsChange>& changes);
/// {"ready":..,"reasons":[..]}
boost::json::object ready_json(bool ready, const std::vector<Reason>& reasons);

}  // namespace halcyon::api
