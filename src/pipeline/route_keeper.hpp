// Shows what the settings say otherwise than when the data was made, and removes what routes that are gone
// left behind, on request (section "Changed settings" of docs/architecture.md).
#pragma once

#include <vector>

#include "pipeline/decide/route_changes.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// Fills in how many documents each change is about, by the receipts, and leaves out routes that are gone and
/// left none.
Task<Result<>> count_documents(StateReader* state, std::vector<RouteChange>* changes);

/// Thread rule: the loop.
class RouteKeeper {
  public:
    explicit RouteKeeper(RunState& run) : run_(run), wake_(run.executor) {}

    /// As stored at the start, before anything is void.
    void know(const StoredState& stored);
    /// Until cancelled.
    Task<> run();
    /// Returns how many routes left something.
    std::size_t remove_orphans();
    const std::vector<RouteChange>& changes() const { return changes_; }

  private:
    Task<Result<>> find();
    Task<Result<>> remove(const RouteChange& orphans);
    std::vector<render::Route> routes() const;

    RunState& run_;
    Notes notes_;
    std::vector<std::pair<Namespace, CollectionName>> known_;
    std::vector<RouteChange> changes_;
    bool asked_ = false;
    async::Event wake_;
};

}  // namespace halcyon::pipeline
