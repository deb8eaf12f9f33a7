// Writes how documents stand into the source, quietly (section "Status in the source").
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "async/waiter.hpp"
#include "core/overview.hpp"
#include "pipeline/decide/status_book.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// Nobody waits for it. What comes faster than it can be written is dropped, and made good by a pass over all
/// that is stored, when nothing else is to be written; so is what was in step before it was switched on, or
/// got lost in a crash. Thread rule: the loop.
class StatusWriteback {
  public:
    StatusWriteback(RunState& run, StatusWriter& writer);

    void note(const DocumentKey& key, const CollectionName& collection, StatusBook::News news);

    /// What the notes of the state say. REQUIRES: before `run`.
    void know(const StoredState& stored);
    /// It is off: when it comes back, what is in the documents is old.
    static void forget(Committer* committer, const StoredState& stored);
    /// Until cancelled.
    Task<> run();
    /// An orderly stop: what waits is written, until `until` or a failure; what is left then is made good by
    /// a pass after the next start.
    Task<> finish(Instant until);

    WritebackFigures figures() const;

  private:
    /// False: it failed, and what was taken waits again.
    Task<bool> write_some();
    bool went_well(const Result<>& done);
    Task<Result<>> write(std::vector<DocumentKey> keys);
    /// One page of a pass. False: it failed, and comes again.
    Task<bool> catch_up();
    Task<Result<>> next_page();
    void pass_over(const Namespace& ns);

    /// A part of a pass: receipts, or dead letters that may have none.
    struct Part {
        Namespace ns;
        CollectionName collection;
        bool letters = false;
    };
    RunState& run_;
    StatusWriter& writer_;
    StatusBook book_;
    std::uint64_t written_ = 0;
    std::uint64_t refused_ = 0;
    std::string trouble_;
    std::deque<Part> parts_;           // of the pass under way
    std::optional<std::string> from_;  // in the first one
    std::set<Namespace> again_;        // some were dropped since their pass began
    unsigned writing_ = 0;             // a stop writes beside `run`
    async::Event noted_;
};

}  // namespace halcyon::pipeline
