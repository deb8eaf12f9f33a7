#include "pipeline/operators.hpp"

#include <fmt/format.h>

#include <utility>

#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {
namespace {

Owed tried_again(const Stored& known, std::uint32_t epoch, WallTime now, RetryRequest how) {
    Owed note;
    note.version = {epoch, {}, 0};
    note.since = now;
    if (known.owed) note = *known.owed;
    if (known.letter) note.since = known.letter->first;
    if (how.reset || known.letter) {
        note.attempts = 0;
        note.code = ErrorCode::none;
    }
    if (note.attempts == 0) note.reason = "an operator wants it tried again";
    note.next_attempt = now;
    note.force = note.force || how.force;
    return note;
}

}  // namespace

Task<Result<std::set<CollectionName>>> owe_again(RunState* run, std::vector<ReceiptKey> keys,
                                                 RetryRequest how) {
    for (const auto& key : keys) {
        if (!run->lanes.contains(key.collection))
            co_return fail(Verdict::reject, Cause::not_found,
                           fmt::format("no route leads to collection {}", key.collection.value()));
        if (!run->edges.contains(key.document.ns))
            co_return fail(Verdict::reject, Cause::not_found,
                           fmt::format("no route leads from {}", key.document.ns.text()));
    }
    HALCYON_CO_TRY(const auto stored, co_await run->ports.state.stored(keys));
    const auto now = run->ports.clock.wall();
    Commit commit;
    std::set<CollectionName> collections;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        commit.owed.emplace_back(keys[i], tried_again(stored[i], run->epoch, now, how));
        commit.dead_done.push_back(keys[i]);
        collections.insert(keys[i].collection);
        run->lanes.at(keys[i].collection)->expect_owed();
    }
    HALCYON_CO_TRY(co_await run->committer.commit_now(std::move(commit), Durability::synced));
    co_return collections;
}

}  // namespace halcyon::pipeline
