// The state in RocksDB: one writer, reads on a pool.
#pragma once

#include <memory>

#include "async/clock.hpp"
#include "async/pool.hpp"
#include "core/ports/state_store.hpp"
#include "state/options.hpp"

namespace halcyon::state {

class Database;
class DueFront;
class Writer;

/// Reads by snapshots of the data base; the work runs on the pool. Thread rule: the loop.
class RocksReader : public StateReader {
  public:
    RocksReader(std::shared_ptr<Database> database, std::shared_ptr<DueFront> front, async::Pool& readers);
    ~RocksReader() override;

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

  protected:
    std::shared_ptr<Database> database_;
    async::Pool& readers_;

  private:
    const std::shared_ptr<DueFront> front_;
};

/// Commits that are waiting when the writer comes to them are written as one batch. A commit or a read is not
/// cancelled half way. After the first failed write every commit fails with that error. Destruction without
/// `close` is what a crash is: nothing that was committed is lost, and the next `load` is not `clean`.
/// REQUIRES: the pools outlive it. Thread rule: the loop.
class RocksStore final : public RocksReader, public CommitStore {
  public:
    /// Makes the folder if it is missing, migrates an older one. Blocks: for start-up. `writer` is used for
    /// one piece of work at a time. Errors, all fatal: conflict (another process holds the folder),
    /// unsupported (written by a newer version), corrupted, disk_full, unauthorized, invalid (not a folder),
    /// unavailable (the disk).
    static Result<std::unique_ptr<RocksStore>> open(const Options& options, async::Pool& writer,
                                                    async::Pool& readers);
    RocksStore(std::shared_ptr<Database> database, std::shared_ptr<Writer> writer, async::Pool& readers,
               std::uint64_t few);
    ~RocksStore() override;

    /// Without a look at the disk.
    Task<Result<std::vector<CollectionCounts>>> counts() override;
    /// The first list of many documents is made beforehand, some thousand of them at once between the
    /// commits: a second or two for a million.
    Task<Result<Page<Stored>>> documents(DocumentFilter filter, std::optional<std::string> from,
                                         std::size_t limit) override;

    Task<Result<>> commit(Commit commit, Durability durability) override;

    /// Syncs what was committed, if anything was, each `period`: until cancelled or until a sync fails. Run
    /// one for as long as the store is in use, or buffered commits are synced only by later synced ones.
    Task<Result<>> keep_synced(async::Clock& clock, Duration period = std::chrono::seconds(1));

    /// The orderly end: waits for the commits before it, then notes that the stop was clean, synced. Commits
    /// after it fail, empty ones do not; reads still work; the folder is free after destruction.
    Task<Result<>> close();

  private:
    std::shared_ptr<Writer> writer_;
    const std::uint64_t few_;
};

/// For the command line while halcyon is stopped: nothing is changed, not even the mark of a clean stop.
/// Errors as `open`; not_found when there is no state yet; an older schema is unsupported: `run` migrates it.
Result<std::unique_ptr<StateReader>> open_read_only(const Options& options, async::Pool& readers);

}  // namespace halcyon::state
