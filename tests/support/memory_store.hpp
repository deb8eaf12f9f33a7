// The stores as plain maps, with exact crash semantics: the model that the real one is compared with, and
// what most simulated histories run on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/clock.hpp"
#include "base/random.hpp"
#include "core/ports/state_store.hpp"

namespace halcyon::testing {

/// What one commit after the other leaves behind. Ordered maps only, so that one seed is one history.
struct Tables {
    std::map<ReceiptKey, Receipt> receipts;
    std::map<ReceiptKey, Owed> owed;
    std::map<ReceiptKey, DeadLetter> dead;
    std::map<Namespace, NamespaceTombstone> namespaces;
    std::map<std::pair<Namespace, CollectionName>, SnapshotProgress> snapshots;
    std::map<std::string, std::string> notes;
    std::optional<Frontier> frontier;

    /// By key, with a status or not.
    std::map<ReceiptKey, Stored> stored() const;
    /// By a scan, in the order of names.
    std::vector<CollectionCounts> counts() const;
    /// Erasures first, then owed notes, dead letters and receipts, each clearing what is not newer than
    /// itself.
    void apply(const Commit& commit);
};

struct MemoryStoreOptions {
    Duration commit = std::chrono::milliseconds(3);  // longest time a commit takes; 0: at once
    Duration read = std::chrono::microseconds(500);  // longest time a read takes; 0: at once
    Duration sync = std::chrono::seconds(1);  // what was committed before the last multiple of it is synced
};

/// Lives as long as the "disk": an incarnation of the program that dies is followed by one of the crash
/// functions (or `orderly_stop`), and the next incarnation uses the same object. A commit takes effect at one
/// instant between call and return: a crash before it loses the commit, after it keeps it. A commit is never
/// cancelled half way. Thread rule: the loop.
class MemoryStore final : public CommitStore, public StateReader {
  public:
    MemoryStore(async::Clock& clock, Random& random, MemoryStoreOptions options = {});
    ~MemoryStore() override;

    Task<Result<>> commit(Commit commit, Durability durability) override;
    Task<Result<StoredState>> load() override;
    Task<Result<std::vector<std::optional<Receipt>>>> receipts(std::vector<ReceiptKey> keys) override;
    Task<Result<Page<Receipt>>> scan_receipts(CollectionName collection, std::optional<Namespace> ns,
                                              std::optional<std::string> from, std::size_t limit) override;
    Task<Result<std::vector<std::pair<ReceiptKey, Owed>>>> due(CollectionName collection, bool retries,
                                                               WallTime due, std::size_t limit) override;
    Task<Result<std::vector<Stored>>> stored(std::vector<ReceiptKey> keys) override;
    Task<Result<Page<Stored>>> documents(DocumentFilter filter, std::optional<std::string> from,
                                         std::size_t limit) override;
    Task<Result<Page<DeadLetter>>> dead_letters(std::optional<CollectionName> collection,
                                                std::optional<std::string> from, std::size_t limit) override;
    Task<Result<std::vector<CollectionCounts>>> counts() override;

    /// kill -9: everything that took effect stays, synced or not; commits that had not are gone and their
    /// coroutines, should they ever go on, get an error.
    void process_crash();
    /// The machine went down: back to what was synced.
    void power_loss();
    /// SIGTERM and a drained pipeline. REQUIRES: no commit in flight.
    void orderly_stop();

    /// Commits fail with this, without effect, until it is taken back.
    void fail_commits(std::optional<Error> error);
    void fail_reads(std::optional<Error> error);

    /// What a reader sees now, and what would be left after `power_loss`.
    const Tables& tables() const;
    const Tables& synced() const;
    std::size_t commits() const;  // that took effect, since the object was made

  private:
    struct State;
    Task<std::optional<Error>> read_delay();
    static Task<> write(std::shared_ptr<State> state, std::uint64_t ticket, Durability durability);
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::testing
