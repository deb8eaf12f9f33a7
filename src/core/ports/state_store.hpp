#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "core/commit.hpp"
#include "core/status.hpp"

namespace halcyon {

/// The one writer. Thread rule: the loop; one commit in flight, the next waits for it.
class CommitStore {
  public:
    virtual ~CommitStore() = default;
    /// All of it or nothing. Errors: fatal (disk full, corruption): stop, say what to do.
    virtual Task<Result<>> commit(Commit commit, Durability durability) = 0;
};

/// Everything that start-up needs, read once.
struct StoredState {
    std::optional<Frontier> frontier;
    std::vector<SnapshotProgress> snapshots;
    std::vector<NamespaceTombstone> namespaces;
    std::vector<std::pair<std::string, std::string>> notes;
    /// The last stop was orderly: no confirmed write is missing from the receipts.
    bool clean = false;
    /// The machine was restarted since the last write (another boot id): the last seconds may be missing.
    bool machine_restarted = false;
};

/// What status shows, per collection; kept incrementally, never by scanning.
struct CollectionCounts {
    CollectionName collection;
    std::uint64_t receipts = 0;  // without tombstones
    std::uint64_t tombstones = 0;
    std::uint64_t owed = 0;
    std::uint64_t dead = 0;
    std::array<std::uint64_t, status_count> by_status{};  // by SyncStatus

    std::uint64_t& of(SyncStatus s) { return by_status.at(static_cast<std::size_t>(s)); }
    std::uint64_t of(SyncStatus s) const { return by_status.at(static_cast<std::size_t>(s)); }
    bool empty() const { return receipts + tombstones + owed + dead == 0; }
    bool operator==(const CollectionCounts&) const = default;
};

/// Which documents are listed; what is not set does not restrict.
struct DocumentFilter {
    std::optional<CollectionName> collection;
    std::optional<Namespace> ns;
    std::optional<SyncStatus> status;
};

template <class T>
struct Page {
    std::vector<std::pair<ReceiptKey, T>> rows;
    std::optional<std::string> next;  // opaque; pass back to go on; nothing: the end
};

/// Reads. Thread rule: the loop; the work runs on the pool. A read sees every commit that has returned.
class StateReader {
  public:
    virtual ~StateReader() = default;
    virtual Task<Result<StoredState>> load() = 0;
    /// By position; nothing: never seen.
    virtual Task<Result<std::vector<std::optional<Receipt>>>> receipts(std::vector<ReceiptKey> keys) = 0;
    /// Receipts and tombstones of a collection (and namespace, if given), in stored order.
    virtual Task<Result<Page<Receipt>>> scan_receipts(CollectionName collection, std::optional<Namespace> ns,
                                                      std::optional<std::string> from, std::size_t limit) = 0;
    /// Owed notes of a collection whose next attempt is not after `due`, soonest first. Those that failed
    /// (`retries`) and those that only wait for a service are two queues: neither stands before the other.
    virtual Task<Result<std::vector<std::pair<ReceiptKey, Owed>>>> due(CollectionName collection,
                                                                       bool retries, WallTime due,
                                                                       std::size_t limit) = 0;
    /// By position: all that is stored about each.
    virtual Task<Result<std::vector<Stored>>> stored(std::vector<ReceiptKey> keys) = 0;
    /// Documents that have a status, latest change first. A page costs its own rows, however many documents
    /// there are (and, where a collection has several namespaces and one is asked for, those of others
    /// between them); but for the first in a while, which may be preceded by a pass over all of them.
    virtual Task<Result<Page<Stored>>> documents(DocumentFilter filter, std::optional<std::string> from,
                                                 std::size_t limit) = 0;
    virtual Task<Result<Page<DeadLetter>>> dead_letters(std::optional<CollectionName> collection,
                                                        std::optional<std::string> from,
                                                        std::size_t limit) = 0;
    virtual Task<Result<std::vector<CollectionCounts>>> counts() = 0;
};

}  // namespace halcyon
