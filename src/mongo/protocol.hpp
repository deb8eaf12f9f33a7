// What is asked of a change stream, and what its events mean. Pure: BSON bytes in, BSON bytes and items out.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/event.hpp"

namespace halcyon::mongo {

/// The level of the one stream that covers every routed namespace.
struct Watch {
    enum class Level { collection, database, deployment };
    Level level = Level::deployment;
    std::string database;    // collection and database level
    std::string collection;  // collection level
    bool operator==(const Watch&) const = default;

    /// "watch collection shop.products", "watch database shop", "watch the deployment"
    std::string doing() const;
    /// The right that it takes, for people.
    std::string privilege() const;
};

/// The narrowest level that covers `namespaces`. REQUIRES: at least one.
Watch watch_for(const std::vector<Namespace>& namespaces);

/// Whole events, or keys only: for the stretch in which an event is larger than the server can send.
enum class Detail { documents, keys };

/// BSON `{pipeline: [...]}`: keeps the namespaces (as `ns` or `to`) and the kinds that matter, drops what is
/// not used. Filters of routes never go there: a document that leaves a filter must be seen. `split`: what is
/// too large comes in fragments. `described`: updates say which fields they changed.
std::string pipeline_for(const std::vector<Namespace>& namespaces, Detail detail, bool split = false,
                         bool described = false);

/// BSON options of the stream: where to start, batch size, how long to wait, look-up. An empty `from` starts
/// now.
std::string stream_options(const Position& from, Detail detail, std::uint32_t batch_size,
                           std::chrono::milliseconds await);

/// An event that was decoded; without leases.
struct Decoded {
    /// Mostly one. Two when a rename leads from one routed name to another; the first then carries `before`.
    std::vector<FeedItem> items;
    /// The stream has ended with this event: open again with `startAfter`.
    bool invalidated = false;
};

/// Decodes events in the order of one stream.
class EventDecoder {
  public:
    /// `own_field`: updates of nothing but this field are halcyon's own, and no news; empty: there are none.
    explicit EventDecoder(std::vector<Namespace> namespaces, std::string own_field = {});
    /// `before`: the position before this event. Errors: fatal/internal for what is no change event.
    Result<Decoded> decode(std::string_view event, const Position& before, Detail detail);

  private:
    Version version_of(ClusterTime time, std::string_view token);
    bool routed(const Namespace& ns) const;
    bool routed_database(const std::string& name) const;
    bool our_own(std::string_view event) const;

    std::vector<Namespace> namespaces_;  // sorted
    std::string own_field_;
    // Order of arrival within one cluster time, for tokens that cannot be decoded.
    ClusterTime counted_time_{};
    std::uint32_t counted_ = 0;
};

/// The position that a post-batch resume token stands for; its time is empty if it cannot be decoded.
Position position_of_token(std::string_view token);

}  // namespace halcyon::mongo
