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

namespace {

struct PausesStored {
    explicit PausesStored(async::Executor e) : done(std::move(e)) {}
    async::Event done;
    std::optional<Result<>> outcome;
};

/// Answers, also when the run ends before there is an outcome.
struct Answering {
    std::shared_ptr<PausesStored> to;
    explicit Answering(std::shared_ptr<PausesStored> t) : to(std::move(t)) {}
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;
    ~Answering() {
        if (!to->outcome) to->outcome = fail(Verdict::retry, Cause::unavailable, "it is stopping");
        to->done.notify();
    }
};

Task<> store_pauses(RunState* run, std::vector<CollectionName> names, bool on, Commit commit,
                    std::shared_ptr<PausesStored> stored) {
    const Answering answering(stored);
    auto outcome = co_await run->committer.commit_now(std::move(commit), Durability::synced);
    for (const auto& name : names) {
        auto& lane = *run->lanes.at(name);
        // Another operator may have asked for the contrary meanwhile.
        if (outcome.has_error() || lane.wants_halt() != on) continue;
        lane.halt(on);
        log::info("run", "{}: {} by an operator", name.value(), on ? "paused" : "goes on");
    }
    run->changed.notify();
    stored->outcome = std::move(outcome);
}

}  // namespace

Task<Result<std::vector<CollectionName>>> halt_lanes(RunState* run, std::optional<CollectionName> collection,
                                                     bool on) {
    std::vector<CollectionName> names;
    Commit commit;
    for (const auto& [name, lane] : run->lanes) {
        if (collection && *collection != name) continue;
        names.push_back(name);
        lane->wish_halt(on);
        // Also if it seems to be so: who asked before may not have waited until it was.
        commit.notes.emplace_back(paused_note(name), on ? "yes" : "");
        // What is paused stays so even if that cannot be stored; the other way round it must be stored first.
        if (on) lane->halt(true);
    }
    if (names.empty())
        co_return fail(Verdict::reject, Cause::not_found,
                       fmt::format("no route leads to collection {}", collection->value()));
    if (run->stopping) co_return fail(Verdict::retry, Cause::unavailable, "it is stopping");
    // To its end, even if whoever asked is gone: what is shown is what is stored.
    const auto stored = std::make_shared<PausesStored>(run->executor);
    run->group.spawn(store_pauses(run, names, on, std::move(commit), stored));
    while (!stored->outcome) co_await stored->done.wait();
    if (stored->outcome->has_error()) co_return fail(stored->outcome->error());
    co_return names;
}

}  // namespace halcyon::pipeline
