// Keys as bytes that sort as the values do: by collection, database, MongoDB collection, `_id` bytes. Every
// part but the last is escaped and terminated (0x00 becomes 0x00 0xff; the end is 0x00 0x01), so that no key
// of one collection or namespace begins with the prefix of another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "core/receipt.hpp"
#include "core/status.hpp"

namespace halcyon::state {

std::string key_of(const ReceiptKey& key);
std::optional<ReceiptKey> parse_key(std::string_view bytes);

/// What every key of the collection, or of the namespace in it, begins with.
std::string prefix_of(const CollectionName& collection);
std::string prefix_of(const CollectionName& collection, const Namespace& ns);
/// The first key behind all that begin with `prefix`. REQUIRES: its last byte is not 0xff or it has one
/// before.
std::string end_of(std::string prefix);

/// Owed work in the order of its next attempt, in two queues: (collection, retries, time, rest of the key).
std::string due_key(const ReceiptKey& key, const Owed& note);
/// What begins every key of that queue, and every key of that time in it.
std::string due_prefix(const CollectionName& collection, bool retries);
std::string due_prefix(const CollectionName& collection, bool retries, WallTime next_attempt);
/// The `due_prefix` that the key begins with, without a time. REQUIRES: it is one.
std::string_view queue_of_due(std::string_view due_key);
/// The key of the note itself.
std::optional<std::string> key_of_due(std::string_view due_key);

/// Where a document stands in a list: the latest change first.
struct Place {
    WallTime changed;
    std::string key;  // of the document
    bool operator<(const Place& other) const {
        if (changed != other.changed) return changed > other.changed;
        return key < other.key;
    }
};

/// Documents of one status by their last change, latest first: (collection, status, time, rest of the key).
std::string change_key(const ReceiptKey& key, SyncStatus status, WallTime changed);
/// What begins every key of that status, and every key of that time in it.
std::string change_prefix(const CollectionName& collection, SyncStatus status);
std::string change_prefix(const CollectionName& collection, SyncStatus status, WallTime changed);
std::optional<Place> place_of_change(std::string_view change_key);

std::string namespace_key(const Namespace& ns);
std::string snapshot_key(const Namespace& ns, const CollectionName& collection);

/// Cursors are keys in hexadecimal, so that they go through addresses and terminals.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

}  // namespace halcyon::state
