// Removes what a dropped namespace left in a collection.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "pipeline/barrier.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// One collection's sweeper. Removes receipts and points by id, in batches, of every state up to a
/// tombstone's version; until a pass finds none. A route with `on_drop: keep` keeps its points. Thread rule:
/// the loop.
class NamespaceSweeper {
  public:
    NamespaceSweeper(RunState& run, Lane& lane, const std::vector<render::RouteOptions>& routes);
    void sweep(NamespaceTombstone tombstone);
    /// Called when nothing of it is left in this collection.
    std::function<void(const NamespaceTombstone&)> on_swept;
    /// Until cancelled.
    Task<> run();

  private:
    Task<bool> drop_letters(Namespace ns, Version version);

    RunState& run_;
    Lane& lane_;
    std::map<Namespace, bool> keeps_;  // routed namespaces, and whether their points stay
    std::deque<NamespaceTombstone> queue_;
    async::Event wake_;
};

/// Removes what the lane's collection holds of `ns` by receipts that are not newer; returns when all of it is
/// settled, with how many were found.
Task<Result<std::size_t>> sweep_receipts(RunState& run, Lane& lane, Namespace ns, Version version);

}  // namespace halcyon::pipeline
