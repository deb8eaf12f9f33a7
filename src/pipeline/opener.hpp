// Makes sure of a collection before anything is planned for it (section "Does Qdrant still hold it?").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/decide/writer_lease.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// Asks the embedder for its dimension, makes or checks the collection, compares it with what the receipts
/// say, rebuilds them from `_halcyon` where they do not fit, compiles the routes and opens the lane. Thread
/// rule: the loop.
class Opener {
  public:
    Opener(RunState& run, Lane& lane, std::vector<render::RouteOptions> routes);

    /// Until cancelled: opens the lane, and again whenever it was shut.
    Task<> run();
    /// Runs beside it: finds out when the collection is gone.
    Task<> watch();
    /// Runs beside it: keeps our mark alive, and shuts the lane when it is another's.
    Task<> keep_mark();
    /// After an orderly end: another one need not wait. REQUIRES: nothing is under way.
    Task<> release_mark();
    /// The collection was found missing: shut the lane and open it anew.
    void reopen();
    /// The receipts may lack what the collection holds (an unclean stop whose events cannot be replayed):
    /// rebuild them.
    void rebuild_receipts();

    /// What the notes of the state say of this collection. REQUIRES: before `run`.
    void know(const StoredState& stored, std::uint64_t receipts);
    /// The highest epoch found in the collection's points; known once the lane was open.
    std::uint32_t highest_epoch() const { return highest_epoch_; }
    bool opened_once() const { return opened_once_; }
    /// The receipts are about to be rebuilt: every route into the collection must be compared with its source
    /// once it is open again.
    std::function<void()> on_rebuild;
    std::function<void()> on_open;

  private:
    Task<Result<>> open();
    Task<Result<>> claim();
    Task<Result<>> distrust_receipts();
    Task<Result<std::optional<WriterMark>>> count_up(Deadline by);
    void lost(const WriterMark& mark);
    Error other_writer(const WriterMark& mark) const;
    Task<> wait_for_wire();
    Task<Result<bool>> holds_what_we_know(const CollectionState& found);
    Task<Result<>> rebuild(const std::string& identity, std::uint64_t points);
    Task<Result<>> forget_receipts();
    Task<Result<>> rebuild_page(std::vector<HeldChunk> chunks);
    std::string identity_note() const;

    RunState& run_;
    Lane& lane_;
    std::vector<render::RouteOptions> routes_;
    std::optional<WriterLease> lease_;
    std::string marked_since_;
    bool waits_ = false;     // for another writer
    bool unmarked_ = false;  // the server lets nobody leave a mark
    std::string known_identity_;
    std::uint64_t rebuilds_wanted_ = 0;
    std::uint64_t rebuilds_done_ = 0;
    bool clean_ = false;
    std::uint64_t receipts_ = 0;
    std::uint32_t highest_epoch_ = 0;
    bool opened_once_ = false;
    std::uint64_t rebuilt_ = 0;
    async::Event wake_;
};

}  // namespace halcyon::pipeline
