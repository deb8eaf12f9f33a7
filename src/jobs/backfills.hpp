// Backfills that operators start, as scans that the pipeline carries out (section "Jobs" of
// docs/architecture.md).
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jobs/records.hpp"
#include "pipeline/orders.hpp"

namespace halcyon::jobs {

/// Each job goes through its routes, one after the other in a collection, collections side by side. What has
/// not ended goes on after a restart: it is in the state, at most a second old. Thread rule: the loop.
/// REQUIRES: it is made before the pipeline runs, and outlives the run; the pipeline outlives it.
class Backfills final : public JobControl, public pipeline::Committer::Contributor {
  public:
    explicit Backfills(pipeline::Orders& orders);
    ~Backfills() override;
    Backfills(const Backfills&) = delete;
    Backfills& operator=(const Backfills&) = delete;

    std::vector<Job> jobs() const override;
    Task<Result<Job>> start(BackfillRequest request) override;
    Task<Result<Job>> act(std::string id, Act what) override;
    void contribute(Commit& commit) override;

  private:
    using Edge = pipeline::Orders::Edge;
    /// A route of a job in this life.
    struct Run {
        std::shared_ptr<pipeline::Scanner> scan;
        std::unique_ptr<async::TaskGroup> pass;  // the one under way, or the last one
        bool whole = false;
    };
    struct Entry {
        std::size_t slot = 0;
        Record record;  // as of the last change of a state
        std::vector<Run> runs;
        std::shared_ptr<JobResult> result = std::make_shared<JobResult>();
        std::set<CollectionName> chains;  // collections that somebody works on
        std::string stored;
        Instant stored_at{};  // zero: the next batch should have it
        std::deque<std::pair<Instant, std::uint64_t>> samples;
    };
    using EntryPtr = std::shared_ptr<Entry>;

    Task<> run();
    void load(const pipeline::Notes& stored);
    void forget(const Namespace* from, const CollectionName* to);
    void begin(const EntryPtr& entry);
    Task<> chain(EntryPtr entry, CollectionName to);
    Task<> drive(EntryPtr entry, std::size_t route);
    Task<> pass(EntryPtr entry, std::size_t route);
    Task<> finish(EntryPtr entry);
    Task<Result<>> keep(EntryPtr entry);
    void sample();
    /// With what scans know now.
    Record current(const Entry& entry) const;
    std::string waits_for(const Entry& entry) const;
    /// Why nothing can be started or changed now; nothing: it can.
    std::optional<Error> not_now() const;
    std::vector<Edge> edges_of(const BackfillRequest& request) const;
    pipeline::ScanOrder order_of(const Entry& entry) const;
    std::optional<std::size_t> free_slot();
    std::string new_id() const;
    EntryPtr find(const std::string& id) const;
    WallTime now() const { return orders_.run.ports.clock.wall(); }

    pipeline::Orders& orders_;
    std::vector<EntryPtr> entries_;
    bool started_ = false;  // they are worked on, and may be changed
};

}  // namespace halcyon::jobs
