#include "pipeline/operators.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
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

std::string paused_note(const CollectionName& collection) { return "paused:" + collection.value(); }

Task<Result<std::vector<CollectionName>>> halt_lanes(RunState* run, std::optional<CollectionName> collection,
                                                     bool on) {
    std::vector<CollectionName> names;
    Commit commit;
    for (const auto& [name, lane] : run->lanes) {
        if (collection && *collection != name) continue;
        names.push_back(name);
        if (lane->halted() == on) continue;
        commit.notes.emplace_back(paused_note(name), on ? "yes" : "");
        // What is paused stays so even if that cannot be stored; the other way round it must be stored first.
        if (on) lane->halt(true);
    }
    if (names.empty())
        co_return fail(Verdict::reject, Cause::not_found,
                       fmt::format("no route leads to collection {}", collection->value()));
    if (commit.notes.empty()) co_return names;
    HALCYON_CO_TRY(co_await run->committer.commit_now(std::move(commit), Durability::synced));
    for (const auto& name : names) run->lanes.at(name)->halt(on);
    for (const auto& name : names)
        log::info("run", "{}: {} by an operator", name.value(), on ? "paused" : "goes on");
    run->changed.notify();
    co_return names;
}

}  // namespace halcyon::pipeline
