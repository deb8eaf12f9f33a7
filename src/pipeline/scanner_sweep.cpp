// The end of a snapshot: what the source no longer has leaves the collection.
#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "pipeline/decide/route_changes.hpp"
#include "pipeline/scanner.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t page_rows = 512;
constexpr std::size_t compare_batch = 64;  // documents that are re-read at a time

/// Held, and not seen by the scan nor touched by the stream since it began.
bool unseen(const Receipt& r, const Version& started) { return !r.deleted && r.version < started; }

}  // namespace

/// Receipts that the scan did not renew are looked up in the source by their keys: a sweep removes nothing
/// that is still there.
Task<bool> Scanner::sweep() {
    const auto generation = generation_;
    progress_.phase = "sweeping";
    // What was under way before the scan began (a write in doubt, say) may still get a receipt that the sweep
    // has to see.
    while (lane_.in_flight_before(ns_, current_.started)) {
        co_await run_.ports.clock.sleep(milliseconds(100));
        if (generation != generation_) co_return false;
    }
    if ((co_await run_.committer.commit_now({}, Durability::buffered)).has_error()) co_return false;
    std::uint64_t total = 0;
    std::uint64_t candidates = 0;
    std::optional<std::string> from;
    do {
        auto page = co_await run_.ports.state.scan_receipts(lane_.name(), ns_, from, page_rows);
        if (page.has_error() || generation != generation_) co_return false;
        for (const auto& [key, receipt] : page.value().rows) {
            total += receipt.deleted ? 0 : 1;
            candidates += unseen(receipt, current_.started) ? 1 : 0;
        }
        from = page.value().next;
    } while (from);
    const auto share =
        static_cast<double>(candidates) / static_cast<double>(std::max<std::uint64_t>(total, 1));
    if (candidates > run_.options.max_delete_free && share > run_.options.max_delete_share) {
        auto guard = fmt::format("max_delete_share:{}:{}", lane_.name().value(), ns_.text());
        if (order_) guard += ":" + order_->by;
        const auto question = fmt::format(
            "{} of {} documents of {} are no longer in MongoDB and would leave {} ({:.1f} %, the bound is "
            "{:.1f} %)",
            candidates, total, ns_.text(), lane_.name().value(), share * 100,
            run_.options.max_delete_share * 100);
        while (!run_.allowed(guard, question)) {
            progress_.phase = "held";
            asked_ = guard;
            waits_for = "the guard max_delete_share: " + question;
            co_await run_.ports.clock.sleep(milliseconds(200));
            if (generation != generation_) co_return false;
        }
        asked_.clear();
        waits_for.clear();
        progress_.phase = "sweeping";
    }
    if (candidates > 0) {
        const auto barrier = sweeping_ = std::make_shared<Barrier>(run_.executor);
        if (!co_await sweep_absent(barrier)) co_return false;
        co_await barrier->until(0);
    }
    if (!co_await retry_letters() || generation != generation_) co_return false;
    current_.swept = true;
    Commit commit;
    if (!order_) {
        commit.snapshots.push_back(current_);
        if (const auto* route = lane_.route(ns_)) commit.notes = notes_of(*route);
    }
    if ((co_await run_.committer.commit_now(std::move(commit), Durability::synced)).has_error())
        co_return false;
    log::info("scan", "{} -> {}: complete, {} documents read, {} looked up again", ns_.text(),
              lane_.name().value(), current_.scanned, candidates);
    co_return generation == generation_;
}

/// A dead letter from before the scan may be of a document that was mended or deleted while nobody watched.
Task<bool> Scanner::retry_letters() {
    Commit commit;
    std::optional<std::string> from;
    do {
        auto page = co_await run_.ports.state.dead_letters(lane_.name(), from, page_rows);
        if (page.has_error()) co_return false;
        for (auto& [key, letter] : page.value().rows) {
            if (key.document.ns != ns_ || letter.version >= current_.started) continue;
            const auto now = run_.ports.clock.wall();
            commit.owed.emplace_back(
                key, Owed{letter.version, "dead letter from before a scan", 0, now, letter.first});
            commit.dead_done.push_back(std::move(key));
        }
        from = page.value().next;
    } while (from);
    if (commit.empty()) co_return true;
    lane_.expect_owed();
    co_return (co_await run_.committer.commit_now(std::move(commit), Durability::buffered)).has_value();
}

Task<bool> Scanner::sweep_absent(std::shared_ptr<Barrier> barrier) {
    const auto generation = generation_;
    std::optional<std::string> from;
    std::vector<DocId> ids;
    do {
        auto page = co_await run_.ports.state.scan_receipts(lane_.name(), ns_, from, page_rows);
        if (page.has_error() || generation != generation_) co_return false;
        for (const auto& [key, receipt] : page.value().rows) {
            if (!unseen(receipt, current_.started)) continue;
            ids.push_back(key.document.id);
            if (ids.size() < compare_batch) continue;
            if (!co_await compare(std::exchange(ids, {}), barrier)) co_return false;
            co_await barrier->until(run_.options.scan_window);
            if (generation != generation_) co_return false;
        }
        from = page.value().next;
    } while (from);
    co_return ids.empty() || co_await compare(std::move(ids), barrier);
}

Task<bool> Scanner::compare(std::vector<DocId> ids, std::shared_ptr<Barrier> barrier) {
    const auto deadline = Deadline::in(run_.ports.clock, run_.options.read_timeout);
    auto found = co_await run_.ports.reader.lookup(ns_, ids, current_.started.time, deadline);
    if (found.has_error()) {
        log::warn("scan", "{}: {}", ns_.text(), describe(found.error()));
        co_return false;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Work work;
        work.key = {ns_, std::move(ids[i])};
        if (auto& document = found.value().documents[i]) work.document = std::move(*document);
        work.version = {run_.epoch, found.value().at, Version::last};
        work.origin = Work::Origin::sweep;
        if (order_) {
            work.force = order_->force;
            work.result = order_->result;
        }
        work.tickets.push_back(barrier->ticket());
        work.happened = run_.ports.clock.wall();
        lane_.admit(std::move(work));
    }
    co_return true;
}

}  // namespace halcyon::pipeline
