// Documents by their last change: an index of one run, made when somebody lists many documents, changed with
// them from then on, and gone when nobody has listed for a while, since it costs an event a tenth of its time
// (docs/adr/0021-lists-are-indexed-while-somebody-looks.md).
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "core/ports/state_store.hpp"
#include "state/hooks.hpp"

namespace halcyon::state {

class Database;

/// The writer's side. Thread rule: the writer's piece of work; `touch`: any.
class ChangeList {
  public:
    explicit ChangeList(const ListHooks& options) : options_(options) {}

    /// Somebody lists documents.
    void touch();
    /// Whether commits must change the index with the documents.
    bool kept() const { return kept_; }
    /// Takes the next `at_once` documents in, the first time from the beginning. Blocks for milliseconds.
    Result<> go_on(Database& db);
    /// Takes the index away if nobody has listed for long. Blocks.
    Result<> end_unused(Database& db);
    /// Takes away what an earlier run left. Blocks.
    static Result<> clear(Database& db);

  private:
    const ListHooks options_;
    std::atomic<std::chrono::steady_clock::time_point> touched_{};
    bool kept_ = false;
    bool complete_ = false;
    std::string next_;
};

/// A page from the index; nothing: it is not complete. Reads the rows of the page, and those of other
/// namespaces between them. Blocks. Errors: reject/invalid (the cursor), fatal/corrupted.
Result<std::optional<Page<Stored>>> list_changes(const Database& db, const DocumentFilter& filter,
                                                 const std::optional<std::string>& from, std::size_t limit);

}  // namespace halcyon::state
