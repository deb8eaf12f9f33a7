// Erases the tombstones of deleted documents that nothing older can meet any more (ADR 0008).
#pragma once

#include <functional>

#include "pipeline/lane.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// One collection's. Thread rule: the loop.
class TombstoneCollector {
  public:
    TombstoneCollector(RunState& run, Lane& lane) : run_(run), lane_(lane) {}

    /// Everything before it is settled.
    std::function<ClusterTime()> settled;
    /// Every scan into the collection is done: the next one begins at a later time.
    std::function<bool()> scans_done;

    /// Until cancelled.
    Task<> run();

  private:
    bool nothing_older_can_come() const;
    Task<bool> enough() const;
    Task<Result<>> pass();

    RunState& run_;
    Lane& lane_;
};

}  // namespace halcyon::pipeline
