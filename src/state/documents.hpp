// Receipts, owed notes and dead letters side by side: what is stored of each document.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/ports/state_store.hpp"
#include "state/changes.hpp"

namespace rocksdb {
class Snapshot;
}

namespace halcyon::state {

class Database;

/// Calls `row` for every key that begins with `prefix` and has any record, in order, until it returns false
/// or an error. Blocks: one pass over all three tables.
using StoredFn = std::function<Result<bool>(std::string_view key, Stored stored)>;
Result<> scan_stored(const Database& db, const std::string& prefix, const rocksdb::Snapshot* at,
                     const StoredFn& row);

/// The counts as a scan finds them. Blocks.
Result<CountsByCollection> count_all(const Database& db);

/// Blocks. Errors: reject/invalid (the cursor), fatal/corrupted.
Result<Page<Stored>> list_documents(const Database& db, const DocumentFilter& filter,
                                    const std::optional<std::string>& from, std::size_t limit);

Result<std::vector<Stored>> read_stored(const Database& db, const std::vector<ReceiptKey>& keys);

}  // namespace halcyon::state
