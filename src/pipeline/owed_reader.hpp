// Works off what is owed: re-reads documents by key, soonest first (section "Owed" of docs/architecture.md).
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
    /// Until cancelled.
    Task<> run();

  private:
    Task<bool> round();
    Task<bool> read(Namespace ns, std::vector<DocId> ids, std::shared_ptr<Barrier> barrier);

    RunState& run_;
    Lane& lane_;
    std::size_t batch_ = 64;  // adapts to the documents' size, so that a round stays within a few MiB
};

}  // namespace halcyon::pipeline
