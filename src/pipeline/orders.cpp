#include "pipeline/orders.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "pipeline/decide/continuation.hpp"

namespace halcyon::pipeline {
namespace {

constexpr auto poll = milliseconds(100);
constexpr std::string_view open_prefix = "order/";

std::string open_note(const Orders::Edge& edge) {
    return fmt::format("{}{}/{}", open_prefix, edge.to.value(), edge.from.text());
}

std::optional<Orders::Edge> edge_in(std::string_view note) {
    if (!note.starts_with(open_prefix)) return std::nullopt;
    note.remove_prefix(open_prefix.size());
    const auto slash = note.find('/');
    if (slash == note.npos) return std::nullopt;
    const auto from = Namespace::parse(note.substr(slash + 1));
    if (from.has_error()) return std::nullopt;
    return Orders::Edge{from.value(), CollectionName(std::string(note.substr(0, slash)))};
}

}  // namespace

std::vector<Orders::Edge> Orders::edges() const {
    std::vector<Edge> out;
    for (const auto& r : run.options.routes) out.push_back({r.from, r.to});
    return out;
}

bool Orders::routed(const Edge& edge) const {
    const auto all = edges();
    return std::find(all.begin(), all.end(), edge) != all.end();
}

std::shared_ptr<Scanner> Orders::make(const Edge& edge, ScanOrder order) {
    std::erase_if(scans_, [](const auto& s) { return s.expired(); });
    auto scan = std::make_shared<Scanner>(run, *run.lanes.at(edge.to), edge.from, std::move(order));
    scans_.push_back(scan);
    return scan;
}

std::vector<std::shared_ptr<Scanner>> Orders::alive() const {
    std::vector<std::shared_ptr<Scanner>> out;
    for (const auto& s : scans_)
        if (auto scan = s.lock()) out.push_back(std::move(scan));
    return out;
}

const Scanner& Orders::own_of(const Edge& edge) const {
    const auto at = std::find_if(own.begin(), own.end(), [&](const Scanner* s) {
        return s->ns() == edge.from && s->lane().name() == edge.to;
    });
    return **at;
}

Task<bool> Orders::pass(Scanner* scan, std::optional<SnapshotProgress> from, async::TaskGroup* readers) {
    const auto edge = edge_of(*scan);
    auto& lane = scan->lane();
    if (!scan->order()->count_only) {
        // Before the first work, and so that a loss of power does not forget it.
        open_[edge].insert(scan);
        Commit mark;
        mark.notes.emplace_back(open_note(edge), "open");
        if ((co_await run.committer.commit_now(std::move(mark), Durability::synced)).has_error())
            co_return false;
    }
    const auto& ours = own_of(edge);
    while (!lane.route(edge.from) || !ours.done()) {
        scan->waits_for = lane.route(edge.from)
                              ? fmt::format("{} -> {} is compared first: {}", edge.from.text(),
                                            edge.to.value(), ours.progress().phase)
                              : fmt::format("{} is not ready: {}", edge.to.value(), lane.paused_reason());
        co_await run.ports.clock.sleep(poll);
    }
    scan->waits_for.clear();
    if (from && !goes_on(*from, lane.route(edge.from)->definition(), run.epoch, ours.started())) {
        log::info("jobs", "{} -> {}: it was compared anew or changed meanwhile, the job begins at the start",
                  edge.from.text(), edge.to.value());
        from.reset();
    }
    // A member that lags behind must not show what tombstones that are gone would have kept out.
    const auto not_before = std::max(settled(), run.seen);
    co_return co_await scan->pass(std::move(from), not_before, *readers);
}

void Orders::give_up(Scanner& scan) {
    scan.withdraw();
    if (scan.order()->count_only) return;
    scan.lane().drop(scan.order()->result);
    // Who else wants something embedded asks again.
    run.held.erase(embeddings_guard(scan.lane().name()));
    scan.lane().wake();
}

Task<> Orders::settle(std::shared_ptr<Scanner> scan, bool whole) {
    const auto edge = edge_of(*scan);
    while (scan->under_way()) co_await run.ports.clock.sleep(poll);
    if (scan->order()->count_only) co_return;
    // The receipts of what has ended are stored before nobody asks any more.
    if ((co_await run.committer.commit_now({}, Durability::synced)).has_error()) co_return;
    if (whole) left_.erase(edge);
    open_[edge].erase(scan.get());
    clear(edge);
}

void Orders::clear(const Edge& edge) {
    const auto at = open_.find(edge);
    if (at != open_.end() && !at->second.empty()) return;
    if (!left_.contains(edge)) run.committer.note(open_note(edge), "");
}

void Orders::abandon(const Edge& edge) {
    if (!left_.contains(edge)) return;
    log::warn("jobs",
              "{} -> {}: nobody goes on with the job that was under way when it stopped unclean; the "
              "collection's receipts are rebuilt",
              edge.from.text(), edge.to.value());
    rebuild(edge.to);
    rebuilt(edge.to);
}

std::vector<Orders::Edge> Orders::lost() const {
    std::vector<Edge> out;
    for (const auto& edge : left_)
        if (!routed(edge) || was_lost_.contains(edge)) out.push_back(edge);
    return out;
}

void Orders::abandon_all_but(const std::set<Edge>& continued) {
    for (const auto& edge : std::set(left_))
        if (!continued.contains(edge)) abandon(edge);
}

void Orders::rebuilt(const CollectionName& collection) {
    for (const auto& edge : std::set(left_)) {
        if (edge.to != collection) continue;
        left_.erase(edge);
        clear(edge);
    }
}

Task<Result<>> Orders::know(const StoredState& stored) {
    if (on_notes) on_notes(stored.notes);
    Commit commit;
    for (const auto& [name, value] : stored.notes) {
        const auto edge = edge_in(name);
        if (!edge || value.empty()) continue;
        if (stored.clean && value == "open") {
            commit.notes.emplace_back(name, "");
            continue;
        }
        if (run.lanes.contains(edge->to)) {
            left_.insert(*edge);
            if (value == "lost") was_lost_.insert(*edge);
        } else if (value != "lost")
            commit.notes.emplace_back(name, "lost");  // until a route leads there again
    }
    if (commit.empty()) co_return success();
    co_return co_await run.ports.store.commit(std::move(commit), Durability::synced);
}

bool Orders::left_over(const CollectionName& collection) const {
    return std::any_of(left_.begin(), left_.end(), [&](const Edge& e) { return e.to == collection; });
}

bool Orders::busy(const Lane& lane) const {
    const auto all = alive();
    return std::any_of(all.begin(), all.end(), [&](const auto& s) {
        return &s->lane() == &lane && !s->order()->count_only && s->under_way();
    });
}

void Orders::nudge() {
    for (const auto& s : alive()) s->nudge();
}

void Orders::overtake(const Namespace* from, const Lane* to) {
    for (const auto& s : alive())
        if ((!from || s->ns() == *from) && (!to || &s->lane() == to)) s->halt();
    if (on_overtake) on_overtake(from, to ? &to->name() : nullptr);
}

}  // namespace halcyon::pipeline
