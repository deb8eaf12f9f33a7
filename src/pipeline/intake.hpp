// From the change feed into the lanes, and the position back into the state (sections "Read" and "Resume
// ladder").
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/change_feed.hpp"
#include "pipeline/decide/ack_tracker.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// Opens the feed at the durable frontier, hands every event to the lanes of its namespace, and contributes
/// the frontier to each commit. Thread rule: the loop.
class Intake final : public Committer::Contributor {
  public:
    explicit Intake(RunState& run);

    /// Compares the deployment with the stored one, and finds where to start. Waits for a deployment that is
    /// away. Afterwards the frontier is durable; where everything must be scanned, `stored` has no snapshots
    /// left.
    Task<Result<>> establish(StoredState& stored);
    /// Gives new versions their epoch. REQUIRES: before `read`; larger than any epoch in use.
    Task<Result<>> set_epoch(std::uint32_t epoch);

    /// Reads until cancelled; reopens by itself. Ends only with an Error that an operator must act on.
    Task<Result<>> read();

    /// There is no state to go on from.
    bool fresh() const { return fresh_; }
    /// Called when history was lost: all namespaces (nothing), or one that was filled without events.
    std::function<void(std::optional<Namespace>)> on_rescan;
    /// Before that: what was scanned counts no more, and what is replayed no more must be looked for in the
    /// collections themselves.
    std::function<void()> on_history_lost;
    std::function<void(NamespaceTombstone)> on_namespace_gone;

    std::size_t under_way() const { return tracker_->unsettled(); }
    /// Of the ack window: also what is settled behind the oldest that is not.
    std::size_t window_used() const { return tracker_->size(); }
    bool streaming() const { return streaming_; }
    /// What stands between the last event and now; nothing while it is not known.
    std::optional<std::chrono::milliseconds> lag() const;
    const std::string& trouble() const { return trouble_; }
    /// Where everything before is settled: what a start would go on from.
    ClusterTime settled() const { return frontier_.position.time; }
    /// When it last moved on, or nothing stood behind it; nothing: not yet.
    std::optional<WallTime> position_moved() const { return position_moved_; }

    void contribute(Commit& commit) override;

  private:
    struct Mark {
        Position position;
        WallTime happened;
    };
    using Tracker = AckTracker<Mark>;

    Task<Result<SourceIdentity>> identify();
    Task<Result<>> open();
    Task<Result<std::optional<std::string>>> descend();
    Task<Result<>> start_over(const SourceIdentity& identity, std::string reason);
    /// The latest time that the deployment has shown, in this life or, as far as it is stored, before.
    ClusterTime seen() const;
    /// The newest position that arrived, settled or not.
    Position received() const;
    /// Why this is not the deployment, or not the history, that the frontier stands in; nothing: it is.
    std::string different(const SourceIdentity& now) const;
    bool routed(const Namespace& ns, const CollectionName& collection) const;
    void take(FeedItem item);
    void take_event(ChangeEvent event, Position position, async::Lease lease);
    void take_gone(NamespaceGone gone, Position position);
    TicketPtr ticket(Position position, WallTime happened, std::size_t parts);

    RunState& run_;
    Frontier frontier_;
    std::shared_ptr<Tracker> tracker_;
    bool fresh_ = false;
    bool streaming_ = false;
    ClusterTime zone_until_{};
    std::string trouble_;
    async::Event room_;
    std::optional<WallTime> position_moved_;
};

}  // namespace halcyon::pipeline
