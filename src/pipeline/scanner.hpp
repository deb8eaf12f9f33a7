// Snapshots: what a namespace holds, compared with what a collection holds (section "Scans" of
// docs/architecture.md).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/barrier.hpp"
#include "pipeline/decide/ack_tracker.hpp"
#include "pipeline/decide/route_tally.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// What an operator wants of a scan. The pipeline's own have none: they compare everything, and sweep.
struct ScanOrder {
    std::string by;                 // who ordered it; part of its guards' names
    bool force = false;             // written again even if nothing differs
    bool missing_only = false;      // what a receipt says is held is passed by, and nothing is swept
    bool count_only = false;        // nothing is planned, written or swept: it is counted what would be
    std::uint64_t max_pending = 0;  // it stands back while more documents wait in the collection; 0: no bound
    std::shared_ptr<JobResult> result = std::make_shared<JobResult>();  // where its works are counted
};

/// One namespace into one collection: ranges read in parallel behind the stream, progress made durable, then
/// a sweep of what the source no longer has, under the mass-delete guard. An ordered one leaves the progress
/// of the pipeline's own alone, and whoever ordered it keeps its progress. Thread rule: the loop.
class Scanner final : public Committer::Contributor {
  public:
    Scanner(RunState& run, Lane& lane, Namespace ns, std::optional<ScanOrder> order = std::nullopt);
    ~Scanner() override;
    Scanner(const Scanner&) = delete;
    Scanner& operator=(const Scanner&) = delete;

    struct Progress {
        std::uint64_t scanned = 0;
        std::uint64_t estimate = 0;
        bool running = false;
        bool done = false;
        std::string phase;  // "waiting", "scanning", "sweeping", "held", "done"
    };
    const Progress& progress() const { return progress_; }
    const Namespace& ns() const { return ns_; }
    Lane& lane() const { return lane_; }

    /// Goes on where `stored` ended, if it belongs to this route, epoch and gap; from the start otherwise.
    void resume(std::optional<SnapshotProgress> stored);
    /// What was scanned counts no more, and nothing more is stored of it.
    void halt();
    /// That, and all is scanned anew.
    void restart();
    bool done() const { return progress_.done; }
    /// Called at times: who waits for works of a collection that is paused does not hold a cursor for that.
    void nudge();
    std::function<void()> on_done;

    /// Until cancelled: scans whenever there is something to scan.
    Task<> run();
    void contribute(Commit& commit) override;

    /// Of an ordered one: once through all that `from` leaves, or everything. True: complete; false: `halt`
    /// came. `not_before`: what is read is at least as new. To stop it, `readers` is cancelled and joined;
    /// then `position` moves on until nothing is under way, and another pass goes on from there, whatever
    /// `from` is. REQUIRES: the lane knows the route.
    Task<bool> pass(std::optional<SnapshotProgress> from, ClusterTime not_before, async::TaskGroup& readers);
    /// Where an ordered pass stands: what it would go on from. Without ranges: at the start.
    const SnapshotProgress& position() const { return current_; }
    /// When this scan, or the one before that was complete, began; empty: there was none.
    const Version& started() const { return current_.started; }
    const ScanOrder* order() const { return order_ ? &*order_ : nullptr; }
    /// Works of it have not ended, or more will come.
    bool under_way() const;
    /// What it waits for, for people; empty: nothing that it knows of.
    std::string waits_for;
    /// What holds its works in the lane, wherever it stands itself; empty: nothing.
    std::string held_by() const;
    /// The question that it asks an operator, if any, is asked no more.
    void withdraw();
    /// What was counted; nothing: it does not count.
    std::optional<RoutePlan> counted() const;

  private:
    using AckTrackerPtr = std::shared_ptr<AckTracker<DocId>>;
    struct RangeState {
        explicit RangeState(async::Executor e) : changed(e) {}
        SnapshotProgress::Range range;
        AckTrackerPtr tracker = std::make_shared<AckTracker<DocId>>();
        bool ended = false;  // read to its end; done when all of it is settled
        async::Event changed;
    };
    using RangePtr = std::shared_ptr<RangeState>;

    /// Each yields false when it was overtaken by `restart` or must be tried again.
    Task<bool> scan();
    Task<bool> plan_ranges();
    Task<bool> end();
    Task<bool> sweep();
    Task<bool> count_held();
    Task<bool> retry_letters();
    Task<bool> sweep_absent(std::shared_ptr<Barrier> barrier);
    Task<bool> compare(std::vector<DocId> ids, std::shared_ptr<Barrier> barrier);
    Task<> read_range(RangePtr range, std::uint64_t generation);
    Task<bool> read_once(RangePtr range, std::uint64_t generation);
    Task<Result<>> take(RangePtr range, std::vector<ScannedDocument> documents, Version version,
                        std::uint64_t generation);
    Task<Result<std::vector<std::optional<Receipt>>>> receipts_of(
        const std::vector<ScannedDocument>* documents);
    bool is_held(const std::optional<Receipt>& receipt) const;
    /// Lets the stream, a paused collection and a guard go first. Who holds a cursor waits only so long: then
    /// true, and it is to be closed.
    Task<bool> wait_for_turn(std::uint64_t generation, bool cursor);
    /// The same with a cursor, and until fewer documents than a window are under way.
    Task<bool> wait_for_room(RangePtr range, std::uint64_t generation);
    Task<std::string> who_goes_first();
    void finish_ranges();
    void trouble(const Error& error);

    RunState& run_;
    Lane& lane_;
    Namespace ns_;
    std::optional<ScanOrder> order_;
    std::optional<RouteTally> tally_;
    async::TaskGroup* readers_;
    Progress progress_;
    std::optional<SnapshotProgress> stored_;
    SnapshotProgress current_;
    std::vector<RangePtr> ranges_;
    std::vector<AckTrackerPtr> left_;  // of an ordered one: of passes that were halted
    std::shared_ptr<Barrier> sweeping_;
    std::uint64_t generation_ = 0;
    ClusterTime not_before_{};
    std::string asked_;  // the guard that was asked
    std::optional<std::uint64_t> owed_;
    Instant owed_counted_{};
    bool passing_ = false;
    bool wanted_ = false;
    async::Event wake_;
    async::Event ranges_done_;
};

}  // namespace halcyon::pipeline
