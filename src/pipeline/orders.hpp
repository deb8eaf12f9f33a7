// Scans that operators order, beside the pipeline's own: what the room `jobs` works through (section "Jobs"
// of docs/architecture.md).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/decide/route_changes.hpp"
#include "pipeline/scanner.hpp"

namespace halcyon::pipeline {

/// An ordered scan stands behind its route's own comparison, and begins anew when that does. While one may
/// have works under way, a note in the state says so: after an unclean stop the collection's receipts are not
/// believed until somebody has gone on from there to the end, or they are rebuilt. Thread rule: the loop.
class Orders {
  public:
    struct Edge {
        Namespace from;
        CollectionName to;
        auto operator<=>(const Edge&) const = default;
    };

    explicit Orders(RunState& r) : run(r) {}

    /// In the order of the settings.
    std::vector<Edge> edges() const;
    bool routed(const Edge& edge) const;
    /// REQUIRES: it is routed.
    std::shared_ptr<Scanner> make(const Edge& edge, ScanOrder order);
    /// Waits until it may begin, then Scanner::pass. REQUIRES: of `make`, and alive until `readers` is
    /// joined.
    Task<bool> pass(Scanner* scan, std::optional<SnapshotProgress> from, async::TaskGroup* readers);
    /// Of one that is cancelled: what waits untouched is dropped, and questions to the operator are taken
    /// back.
    void give_up(Scanner& scan);
    /// When nothing of it is under way any more, and that is stored. `whole`: it is complete.
    Task<> settle(std::shared_ptr<Scanner> scan, bool whole);
    /// Nobody goes on with any scan that an earlier life left, but for these.
    void abandon_all_but(const std::set<Edge>& continued);
    void abandon(const Edge& edge);
    /// What an earlier life left, and no job can go on with: its route is gone, or was meanwhile.
    std::vector<Edge> lost() const;

    /// Called with the notes of the state, long before they can be worked on: MongoDB may be away.
    std::function<void(const Notes&)> on_notes;
    /// Runs among the readers; nothing: there are no jobs.
    std::function<Task<>()> jobs;
    /// What was read of these routes counts no more, also of scans that do not run now; a batch that says why
    /// is stored next. Nothing: whatever.
    std::function<void(const Namespace* from, const CollectionName* to)> on_overtake;
    RunState& run;

    // For the pipeline.
    /// Before the lanes open. Errors: of the state store.
    Task<Result<>> know(const StoredState& stored);
    /// What an earlier life of ours had under way may be held without a receipt.
    bool left_over(const CollectionName& collection) const;
    /// States that were read a while ago may still come.
    bool busy(const Lane& lane) const;
    /// Everything of these is compared anew: what was ordered begins anew after that. Nothing: whatever.
    void overtake(const Namespace* from, const Lane* to);
    void nudge();
    /// The collection's receipts are rebuilt.
    void rebuilt(const CollectionName& collection);
    std::vector<const Scanner*> own;
    std::function<ClusterTime()> settled;
    std::function<void(const CollectionName&)> rebuild;

  private:
    static Edge edge_of(Scanner& scan) { return {scan.ns(), scan.lane().name()}; }
    const Scanner& own_of(const Edge& edge) const;
    void clear(const Edge& edge);
    std::vector<std::shared_ptr<Scanner>> alive() const;

    std::vector<std::weak_ptr<Scanner>> scans_;
    std::map<Edge, std::set<const Scanner*>> open_;  // scans whose works may be under way
    std::set<Edge> left_;                            // by an earlier life
    std::set<Edge> was_lost_;                        // of those, when nothing led there
};

}  // namespace halcyon::pipeline
