// Writes how documents stand into the source, quietly (section "Status in the source").
#pragma once

#include <cstdint>
#include <string>

#include "async/waiter.hpp"
#include "core/overview.hpp"
#include "pipeline/decide/status_book.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// Nobody waits for it: what comes faster than it can be written is dropped, and written when the document
/// changes again. Thread rule: the loop.
class StatusWriteback {
  public:
    StatusWriteback(RunState& run, StatusWriter& writer);

    void note(const DocumentKey& key, const CollectionName& collection, StatusBook::News news);

    /// Until cancelled.
    Task<> run();
    /// An orderly stop: what waits is written, until `until` or a failure.
    Task<> finish(Instant until);

    WritebackFigures figures() const;

  private:
    /// False: it failed, and what was taken waits again.
    Task<bool> write_some();
    Task<Result<>> write(std::vector<DocumentKey> keys);

    RunState& run_;
    StatusWriter& writer_;
    StatusBook book_;
    std::uint64_t written_ = 0;
    std::uint64_t refused_ = 0;
    std::string trouble_;
    bool writing_ = false;
    async::Event noted_;
};

}  // namespace halcyon::pipeline
