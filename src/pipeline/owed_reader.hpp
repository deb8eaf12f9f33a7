// Works off what is owed: re-reads documents by key, soonest first (section "Owed" of docs/architecture.md).
// What waited for a service goes at once; what failed by itself is the retry worker's, in cycles.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/barrier.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// One collection's reader. It stands still while the collection is paused, so an outage spends nobody's
/// attempts.
class OwedReader {
  public:
    OwedReader(RunState& run, Lane& lane) : run_(run), lane_(lane) {}
    /// Both until cancelled. What waited for a service, and what failed by itself: neither waits for the
    /// other.
    Task<> run();
    Task<> retry();
    const CollectionName& collection() const { return lane_.name(); }
    /// The next cycle of retries begins now, even if they are not enabled.
    void cycle_now() { asked_ = true; }
    const RetryCycle& last_cycle() const { return last_; }

  private:
    using Notes = std::vector<std::pair<ReceiptKey, Owed>>;
    Task<Result<bool>> round();
    Task<Result<>> cycle();
    Task<Result<>> work_off(Notes notes, std::shared_ptr<Barrier> barrier);
    Task<Result<>> nothing_owed();
    Task<Result<>> read(Namespace ns, Notes notes, std::shared_ptr<Barrier> barrier);
    void admit(std::pair<ReceiptKey, Owed> note, Work work, const std::shared_ptr<Barrier>& barrier);

    RunState& run_;
    Lane& lane_;
    bool asked_ = false;
    Instant next_cycle_{};
    RetryCycle last_{};
    std::size_t batch_ = 64;  // adapts to the documents' size, so that a round stays within a few MiB
};

}  // namespace halcyon::pipeline
