#include "pipeline/namespace_sweeper.hpp"

#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t page_rows = 512;
constexpr auto poll = milliseconds(50);

}  // namespace

NamespaceSweeper::NamespaceSweeper(RunState& run, Lane& lane, const std::vector<render::RouteOptions>& routes)
    : run_(run), lane_(lane), wake_(run.executor) {
    for (const auto& r : routes) keeps_[r.from] = r.on_drop == render::RouteOptions::OnDrop::keep;
}

void NamespaceSweeper::sweep(NamespaceTombstone tombstone) {
    queue_.push_back(std::move(tombstone));
    wake_.notify();
}

Task<> NamespaceSweeper::run() {
    for (;;) {
        while (queue_.empty()) co_await wake_.wait();
        auto tombstone = queue_.front();
        log::debug("sweep", "{}: {} up to {}", lane_.name().value(), tombstone.ns.text(),
                   tombstone.version.text());
        bool complete = true;
        for (const auto& [ns, keep] : keeps_) {
            if (keep || ns.database != tombstone.ns.database) continue;
            if (!tombstone.ns.collection.empty() && ns != tombstone.ns) continue;
            // What was on the wire when the namespace died may still confirm; nothing older than it is sent
            // any more.
            const auto mark = lane_.wire_mark();
            while (lane_.paused() || lane_.on_wire_before(mark) || lane_.doubts(ns))
                co_await run_.ports.clock.sleep(poll);
            Result<std::size_t> found = 1;
            while (found.has_value() && found.value() > 0) {
                while (lane_.paused()) co_await run_.ports.clock.sleep(poll);
                found = co_await sweep_receipts(run_, lane_, ns, tombstone.version);
            }
            const bool whole = found.has_value() && co_await drop_letters(ns, tombstone.version);
            complete = complete && whole;
        }
        if (!complete) {
            co_await back_off(run_, 1);
            continue;
        }
        queue_.pop_front();
        if (on_swept) on_swept(tombstone);
    }
}

Task<Result<std::size_t>> sweep_receipts(RunState& run, Lane& lane, Namespace ns, Version version) {
    const auto barrier = std::make_shared<Barrier>(run.executor);
    HALCYON_CO_TRY(co_await run.committer.commit_now({}, Durability::buffered));
    std::size_t found = 0;
    std::optional<std::string> from;
    do {
        HALCYON_CO_TRY(auto page, co_await run.ports.state.scan_receipts(lane.name(), ns, from, page_rows));
        for (auto& [key, receipt] : page.rows) {
            if (receipt.deleted || receipt.version > version) continue;
            Work work;
            work.key = std::move(key.document);
            work.version = version;
            work.origin = Work::Origin::sweep;
            work.tickets.push_back(barrier->ticket());
            lane.admit(std::move(work));
            ++found;
        }
        co_await barrier->until(page_rows * 4);
        from = page.next;
    } while (from);
    co_await barrier->until(0);
    if (found > 0)
        log::info("sweep", "{} -> {}: {} documents removed", ns.text(), lane.name().value(), found);
    co_return found;
}

/// A dead letter of a document that died with its namespace needs nobody any more.
Task<bool> NamespaceSweeper::drop_letters(Namespace ns, Version version) {
    Commit commit;
    std::optional<std::string> from;
    do {
        auto page = co_await run_.ports.state.dead_letters(lane_.name(), from, page_rows);
        if (page.has_error()) co_return false;
        for (auto& [key, letter] : page.value().rows)
            if (key.document.ns == ns && letter.version <= version)
                commit.dead_done.push_back(std::move(key));
        from = page.value().next;
    } while (from);
    if (commit.empty()) co_return true;
    co_return (co_await run_.committer.commit_now(std::move(commit), Durability::buffered)).has_value();
}

}  // namespace halcyon::pipeline
