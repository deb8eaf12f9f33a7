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
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// One namespace into one collection: ranges read in parallel behind the stream, progress made durable, then
/// a sweep of what the source no longer has, under the mass-delete guard. Thread rule: the loop.
class Scanner final : public Committer::Contributor {
  public:
    Scanner(RunState& run, Lane& lane, Namespace ns);

    struct Progress {
        std::uint64_t scanned = 0;
        std::uint64_t estimate = 0;
        bool running = false;
        bool done = false;
        std::string phase;  // "waiting", "scanning", "sweeping", "held", "done"
    };
    const Progress& progress() const { return progress_; }
    const Namespace& ns() const { return ns_; }
    Lane& lane() { return lane_; }

    /// Goes on where `stored` ended, if it belongs to this route, epoch and gap; from the start otherwise.
    void resume(std::optional<SnapshotProgress> stored);
    /// What was scanned counts no more, and nothing more is stored of it.
    void halt();
    /// That, and all is scanned anew.
    void restart();
    bool done() const { return progress_.done; }
    std::function<void()> on_done;

    /// Until cancelled: scans whenever there is something to scan.
    Task<> run();
    void contribute(Commit& commit) override;

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
    Task<bool> sweep();
    Task<bool> retry_letters();
    Task<bool> sweep_absent(std::shared_ptr<Barrier> barrier);
    Task<bool> compare(std::vector<DocId> ids, std::shared_ptr<Barrier> barrier);
    Task<> read_range(RangePtr range, std::uint64_t generation);
    Task<bool> read_once(RangePtr range, std::uint64_t generation);
    /// Lets the stream, a paused collection and a guard go first; true if that took long enough to close the
    /// cursor.
    Task<bool> wait_for_turn(std::uint64_t generation);
    void finish_ranges();

    RunState& run_;
    Lane& lane_;
    Namespace ns_;
    Progress progress_;
    std::optional<SnapshotProgress> stored_;
    SnapshotProgress current_;
    std::vector<RangePtr> ranges_;
    std::uint64_t generation_ = 0;
    std::uint64_t embedded_ = 0;
    bool wanted_ = false;
    async::Event wake_;
    async::Event ranges_done_;
};

}  // namespace halcyon::pipeline
