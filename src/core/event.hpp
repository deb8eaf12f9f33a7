// What a change feed reports.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "async/budget.hpp"
#include "base/time.hpp"
#include "core/document.hpp"
#include "core/key.hpp"
#include "core/version.hpp"

namespace halcyon {

/// Where a feed can be taken up again.
struct Position {
    /// The resume token as BSON bytes (opaque outside the source's room); empty: only `time` is known.
    std::string token;
    /// The cluster time of the token, or the operation time to start at.
    ClusterTime time{};
    /// The token names an event (the server checks it at open); a high-water token names none.
    bool of_event = false;
    /// The token is of an invalidate: take up with `startAfter`, never `resumeAfter`.
    bool invalidated = false;

    bool empty() const { return token.empty() && time.empty(); }
    auto operator<=>(const Position&) const = default;
};

/// A document changed. `epoch` of the version is filled in by the pipeline.
struct ChangeEvent {
    enum class Kind { upsert, remove };
    DocumentKey key;
    Kind kind = Kind::upsert;
    /// The whole document, maybe newer than the event. Empty on removal.
    Document document;
    Version version;
    WallTime happened{};
    /// Set when the document could not be had (too large for the stream): it must be re-read by key.
    bool needs_read = false;
};

/// Everything in the namespace up to `version` is gone: drop, rename away, `$out` over it, dropDatabase.
struct NamespaceGone {
    /// Empty collection: the whole database.
    Namespace ns;
    Version version;
    /// Documents appeared under the name without events (rename into it, `$out`): it must be scanned.
    bool rescan = false;
    std::string reason;  // "drop", "rename", "$out", "dropDatabase"
};

/// Nothing happened; the position moved on.
struct Heartbeat {};

struct FeedItem {
    std::variant<ChangeEvent, NamespaceGone, Heartbeat> what;
    Position position;
    async::Lease lease;
};

}  // namespace halcyon
