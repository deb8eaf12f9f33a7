// What becomes durable together. A value that grows by fields.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/event.hpp"
#include "core/receipt.hpp"

namespace halcyon {

/// The identity of what we read from, as stored; a difference at open starts a new epoch.
struct SourceIdentity {
    std::string deployment;  // replica set name and, where known, its id; or the cluster's id
    ClusterTime operation_time{};
    std::vector<std::pair<Namespace, std::string>> uuids;  // collection UUIDs as hex, sorted by namespace
};

/// The durable position of the feed.
struct Frontier {
    std::uint32_t epoch = 0;
    /// The resume position up to which every event is settled.
    Position position;
    /// The last position that names an event: tried first at open, since the server checks it.
    Position last_event;
    SourceIdentity source;
};

/// Durable progress of a snapshot of one namespace into one route's collection.
struct SnapshotProgress {
    Namespace ns;
    CollectionName collection;
    /// The route's definition (its fingerprint) and the operation time S0 that the progress belongs to.
    Digest route;
    Version started;
    struct Range {
        std::string min;   // DocId bytes, inclusive; empty: open
        std::string max;   // DocId bytes, exclusive; empty: open
        std::string next;  // where to go on, inclusive; empty: at min
        bool done = false;
        bool operator==(const Range&) const = default;
    };
    std::vector<Range> ranges;
    std::uint64_t scanned = 0;
    bool swept = false;
    bool complete() const { return swept; }
};

/// A dropped namespace: every state of it up to `version` is dead.
struct NamespaceTombstone {
    Namespace ns;
    Version version;
    bool swept = false;
};

/// What is stored of a key, as far as it is known; a store need not read what is known.
struct Earlier {
    bool known = false;
    std::optional<Receipt> receipt;
};

/// A confirmed state or a tombstone.
struct Confirmed {
    ReceiptKey key;
    Receipt receipt;
    /// As of this statement; of several about one key in a commit only the first one's is looked at, and none
    /// where the commit erases the receipt as well.
    Earlier earlier{};
};

struct Commit {
    std::vector<Confirmed> receipts;  // each clears the owed note and dead letter of its key whose version is
                                      // not newer
    std::vector<ReceiptKey> forget;   // receipts and tombstones to erase
    std::vector<std::pair<ReceiptKey, Version>>
        expired;  // tombstones to erase if they are still of that version, with no note and no letter
    std::vector<std::pair<ReceiptKey, Owed>>
        owed;                           // replaces an older note; never moves a note's version back
    std::vector<ReceiptKey> owed_done;  // erased whatever their version
    std::vector<std::pair<ReceiptKey, DeadLetter>>
        dead;  // replaces an older one; clears the owed note of its key if not newer
    std::vector<ReceiptKey> dead_done;
    std::vector<NamespaceTombstone> namespaces;
    std::vector<Namespace> namespaces_done;
    std::vector<SnapshotProgress> snapshots;  // by (ns, collection)
    std::vector<std::pair<Namespace, CollectionName>> snapshots_done;
    std::vector<std::pair<std::string, std::string>>
        notes;  // small named facts: routes seen, collections' identities
    std::optional<Frontier> frontier;

    bool changes_receipts() const { return !receipts.empty() || !forget.empty() || !expired.empty(); }
    bool empty() const {
        return receipts.empty() && forget.empty() && expired.empty() && owed.empty() && owed_done.empty() &&
               dead.empty() && dead_done.empty() && namespaces.empty() && namespaces_done.empty() &&
               snapshots.empty() && snapshots_done.empty() && notes.empty() && !frontier;
    }
};

/// `buffered`: survives the process (group commit, synced every second). `synced`: survives the machine
/// before it returns.
enum class Durability { buffered, synced };

}  // namespace halcyon
