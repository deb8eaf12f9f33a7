// From confirmations to one durable batch (section "Commit" of docs/architecture.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/clock.hpp"
#include "async/waiter.hpp"
#include "core/overview.hpp"
#include "core/ports/state_store.hpp"
#include "pipeline/work.hpp"

namespace halcyon::pipeline {

/// Collects what was settled, and commits it: one commit in flight, in settlement order; tickets settle in
/// the batch that makes their outcome durable, so the frontier can never pass an outcome. Until a receipt is
/// stored, `confirmed` shows it. Thread rule: the loop.
class Committer {
  public:
    /// Adds to a batch just before it is stored (the frontier, a scan's progress).
    class Contributor {
      public:
        virtual ~Contributor() = default;
        virtual void contribute(Commit& commit) = 0;
    };

    Committer(async::Executor executor, CommitStore& store, async::Clock& clock, Duration idle_interval);

    /// The collection holds this, confirmed; or nothing was to be done (no receipt: superseded).
    void settle(Work& work, const CollectionName& collection, std::optional<Receipt> receipt);
    void owe(Work& work, const CollectionName& collection, Owed note);
    void bury(Work& work, const CollectionName& collection, DeadLetter letter);
    /// A batch that stands for itself, in order with the others; returns when it is durable.
    Task<Result<>> commit_now(Commit commit, Durability durability);
    /// A small named fact, in the next batch.
    void note(std::string name, std::string value);
    /// Something other than a settlement changed (an idle position): commit within the idle interval.
    void touch();
    /// Something settled that has no outcome to store: contributors are asked at once.
    void hurry();
    /// The namespace died (or was swept: no ticket); its ticket settles in the same, synced batch.
    void entomb(NamespaceTombstone tombstone, std::vector<SnapshotProgress> snapshots, TicketPtr ticket);

    const Receipt* confirmed(const ReceiptKey& key) const;
    /// Names this moment. A receipt that is read from now on, of the overlay or the state, and belongs to a
    /// key in flight, is what is stored when its work settles, if it still is this moment then. Nothing: a
    /// batch of `commit_now` that changes receipts is not stored yet.
    std::optional<std::uint64_t> reading() const;
    void add_contributor(Contributor* contributor) { contributors_.push_back(contributor); }
    void remove_contributor(Contributor* contributor) { std::erase(contributors_, contributor); }

    /// Until cancelled, or until the store fails (the Error; nothing is lost, nothing goes on).
    Task<Result<>> run();
    /// Runs beside `run`: makes an idle position durable once per interval, so that a quiet stream does not
    /// write all the time.
    Task<> tick();
    /// Everything that was settled until now is durable.
    Task<Result<>> flush();
    std::uint64_t commits() const { return commits_; }
    /// Why nothing is stored any more; nothing: it is.
    const std::optional<Error>& failure() const { return failed_; }
    /// Where it is counted how long batches take; nothing: nowhere.
    StageTimes* times = nullptr;

  private:
    struct Overlaid {
        Receipt receipt;
        std::uint64_t batch;
    };
    struct Request {
        explicit Request(async::Executor e) : done(std::move(e)) {}
        async::Waiter done;
        std::optional<Result<>> outcome;
    };
    Task<Result<>> store_once();
    void take_tickets(Work& work);

    CommitStore& store_;
    async::Clock& clock_;
    async::Executor executor_;
    Duration idle_interval_;
    async::Event wake_;
    std::vector<Contributor*> contributors_;
    Commit pending_;
    std::vector<TicketPtr> tickets_;
    std::vector<std::shared_ptr<Request>> requests_;
    std::unordered_map<ReceiptKey, Overlaid> overlay_;
    std::optional<Error> failed_;
    std::uint64_t batch_ = 1;
    std::uint64_t commits_ = 0;
    // Batches of `commit_now` that change receipts: begun, and stored.
    std::uint64_t rewrites_ = 0;
    std::uint64_t rewritten_ = 0;
    bool touched_ = false;
    bool urgent_ = false;
    bool sync_ = false;
};

}  // namespace halcyon::pipeline
