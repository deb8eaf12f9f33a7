#include "pipeline/route_keeper.hpp"

#include <utility>

#include "base/log.hpp"
#include "pipeline/namespace_sweeper.hpp"

namespace halcyon::pipeline {
namespace {

constexpr auto poll = milliseconds(200);
constexpr std::size_t page_rows = 1000;

bool is_orphaned(const RouteChange& c) { return c.kind == RouteChange::Kind::gone && c.collection_is_used; }

}  // namespace

void RouteKeeper::know(const StoredState& stored) {
    notes_ = stored.notes;
    for (const auto& s : stored.snapshots) known_.emplace_back(s.ns, s.collection);
}

std::vector<render::Route> RouteKeeper::routes() const {
    std::vector<render::Route> out;
    for (const auto& [ns, lanes] : run_.edges)
        for (const auto* lane : lanes)
            if (const auto* route = lane->route(ns)) out.push_back(*route);
    return out;
}

Task<> RouteKeeper::run() {
    const auto closed = [](const auto& l) { return !l.second->is_open(); };
    while (std::any_of(run_.lanes.begin(), run_.lanes.end(), closed)) co_await run_.ports.clock.sleep(poll);
    for (unsigned attempt = 1; (co_await find()).has_error(); ++attempt) co_await back_off(run_, attempt);
    asked_ = asked_ || run_.options.remove_orphans;
    for (;;) {
        while (!std::exchange(asked_, false)) co_await wake_.wait();
        for (auto at = changes_.begin(); at != changes_.end();) {
            const auto change = *at;
            if (is_orphaned(change) && (co_await remove(change)).has_value())
                at = changes_.erase(at);
            else
                ++at;
        }
    }
}

Task<Result<>> count_documents(StateReader* state, std::vector<RouteChange>* changes) {
    for (auto& change : *changes) {
        std::optional<std::string> from;
        do {
            HALCYON_CO_TRY(const auto page,
                           co_await state->scan_receipts(change.to, change.from, from, page_rows));
            for (const auto& [key, receipt] : page.rows) change.documents += receipt.deleted ? 0 : 1;
            from = page.next;
        } while (from);
    }
    std::erase_if(*changes,
                  [](const RouteChange& c) { return c.kind == RouteChange::Kind::gone && c.documents == 0; });
    co_return success();
}

Task<Result<>> RouteKeeper::find() {
    auto changes = route_changes(notes_, known_, routes());
    HALCYON_CO_TRY(co_await count_documents(&run_.ports.state, &changes));
    for (const auto& change : changes) log::info("settings", "{}", sentence(change));
    changes_ = std::move(changes);
    co_return success();
}

Task<Result<>> RouteKeeper::remove(const RouteChange& orphans) {
    auto& lane = *run_.lanes.at(orphans.to);
    HALCYON_CO_TRY(const auto now, co_await run_.ports.reader.identify(
                                       {}, Deadline::in(run_.ports.clock, run_.options.read_timeout)));
    const Version version{run_.epoch, now.operation_time, Version::last};
    for (std::size_t found = 1; found > 0;) {
        while (lane.paused()) co_await run_.ports.clock.sleep(poll);
        HALCYON_CO_TRY(found, co_await sweep_receipts(run_, lane, orphans.from, version));
    }
    Commit done;
    done.snapshots_done.emplace_back(orphans.from, orphans.to);
    done.notes = no_notes(orphans.from, orphans.to);
    HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(done), Durability::synced));
    co_return success();
}

std::size_t RouteKeeper::remove_orphans() {
    asked_ = true;
    wake_.notify();
    return static_cast<std::size_t>(std::count_if(changes_.begin(), changes_.end(), is_orphaned));
}

}  // namespace halcyon::pipeline
