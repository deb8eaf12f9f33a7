// Receipts, owed notes and dead letters side by side: what is stored of each document.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/ports/state_store.hpp"
#include "state/changes.hpp"
#include "state/keys.hpp"

namespace rocksdb {
class Snapshot;
}

namespace halcyon::state {

class Database;

/// Calls `row` for every key that begins with `prefix`, is not before `from` and has any record, in order,
/// until it returns false or an error. Blocks: one pass over all three tables.
using StoredFn = std::function<Result<bool>(std::string_view key, Stored stored)>;
Result<> scan_stored(const Database& db, const std::string& prefix, const rocksdb::Snapshot* at,
                     const StoredFn& row, const std::string& from = {});

/// The counts as a scan finds them. Blocks.
Result<CountsByCollection> count_all(const Database& db);

/// The counts that are kept, of collections that have any. `at`: of that moment; nothing: now. Blocks.
Result<std::vector<CollectionCounts>> read_counts(const Database& db, const rocksdb::Snapshot* at = nullptr);

/// Cursors of lists of documents. Errors: reject/invalid: it is none.
std::string cursor_of(const Place& place);
Result<std::optional<Place>> place_of(const std::optional<std::string>& cursor);

/// How many records `list_documents` would read, by the counts.
std::uint64_t records_to_read(const std::vector<CollectionCounts>& counts, const DocumentFilter& filter);
/// Without an index: a pass over the records of the collection, or over what is owed and dead alone where
/// `filter` asks for pending or failed. Blocks. Errors: reject/invalid (the cursor), fatal/corrupted.
Result<Page<Stored>> list_documents(const Database& db, const DocumentFilter& filter,
                                    const std::optional<std::string>& from, std::size_t limit);

Result<std::vector<Stored>> read_stored(const Database& db, const std::vector<ReceiptKey>& keys);
/// By position, of keys as bytes. Blocks.
Result<std::vector<Stored>> get_stored(const Database& db, const std::vector<std::string_view>& keys,
                                       const rocksdb::Snapshot* at);

}  // namespace halcyon::state
