#include "pipeline/scanner.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t scan_batch = 256;
constexpr auto turn_poll = milliseconds(50);
constexpr auto cursor_patience = seconds(5);

}  // namespace

Scanner::Scanner(RunState& run, Lane& lane, Namespace ns, std::optional<ScanOrder> order)
    : run_(run),
      lane_(lane),
      ns_(std::move(ns)),
      order_(std::move(order)),
      readers_(&run.readers),
      wake_(run.executor),
      ranges_done_(run.executor) {
    run_.committer.add_contributor(this);
    progress_.phase = "waiting";
}

Scanner::~Scanner() {
    withdraw();
    run_.committer.remove_contributor(this);
}

void Scanner::resume(std::optional<SnapshotProgress> stored) {
    stored_ = std::move(stored);
    wanted_ = true;
    wake_.notify();
}

void Scanner::halt() {
    wanted_ = false;
    ++generation_;
    for (auto& r : ranges_) {
        if (order_) left_.push_back(r->tracker);
        r->changed.notify();
    }
    ranges_.clear();
    stored_.reset();
    // Whoever ordered it keeps what it says of its position; our own is voided by who halts it.
    if (order_) current_ = {};
    tally_.reset();
    withdraw();
    progress_ = {};
    progress_.phase = "waiting";
    ranges_done_.notify();
}

void Scanner::restart() {
    halt();
    wanted_ = true;
    wake_.notify();
}

Task<> Scanner::run() {
    for (;;) {
        while (!wanted_) co_await wake_.wait();
        while (!lane_.is_open()) co_await run_.ports.clock.sleep(turn_poll);
        wanted_ = false;
        const auto generation = generation_;
        bool whole = false;
        for (unsigned attempt = 1; !whole && generation == generation_; ++attempt) {
            if (attempt > 1) co_await back_off(run_, attempt - 1);
            whole = co_await scan();
        }
        if (!whole) continue;
        progress_.running = false;
        progress_.done = true;
        progress_.phase = "done";
        if (on_done) on_done();
    }
}

Task<bool> Scanner::scan() {
    const auto generation = generation_;
    const auto* route = lane_.route(ns_);
    if (!route) co_return false;
    if (stored_ && (stored_->route != route->definition() || stored_->started.epoch != run_.epoch)) {
        log::info("scan", "{} -> {}: the route was changed, its documents are compared again", ns_.text(),
                  lane_.name().value());
        stored_.reset();
    }
    if (stored_ && stored_->complete()) {
        current_ = *stored_;
        co_return true;
    }
    if (!order_ && !run_.options.snapshot && !stored_) co_return true;
    progress_.running = true;
    progress_.phase = "scanning";
    if (ranges_.empty()) {
        if (stored_) {
            current_ = *stored_;
            progress_.scanned = current_.scanned;
            for (const auto& r : current_.ranges) {
                ranges_.push_back(std::make_shared<RangeState>(run_.executor));
                ranges_.back()->range = r;
            }
        } else if (!co_await plan_ranges()) {
            co_return false;
        }
    }
    if (generation != generation_) co_return false;
    if (auto n = co_await run_.ports.reader.estimate(
            ns_, Deadline::in(run_.ports.clock, run_.options.read_timeout));
        n.has_value())
        progress_.estimate = n.value();
    if (generation != generation_) co_return false;
    log::info("scan", "{} -> {}: {} of about {} documents, {} ranges", ns_.text(), lane_.name().value(),
              progress_.scanned > 0 ? "the rest" : "all", progress_.estimate, ranges_.size());
    for (const auto& r : ranges_)
        if (!r->range.done) readers_->spawn(read_range(r, generation));
    const auto all_done = [&] {
        return std::all_of(ranges_.begin(), ranges_.end(), [](const RangePtr& r) { return r->range.done; });
    };
    while (generation == generation_ && !all_done()) co_await ranges_done_.wait();
    if (generation != generation_) co_return false;
    co_return co_await end();
}

Task<bool> Scanner::plan_ranges() {
    const auto generation = generation_;
    const auto deadline = Deadline::in(run_.ports.clock, run_.options.read_timeout);
    auto identity = co_await run_.ports.reader.identify({ns_}, deadline);
    if (identity.has_error()) {
        trouble(identity.error());
        co_return false;
    }
    auto split = co_await run_.ports.reader.split(ns_, run_.options.scan_parallelism, deadline);
    if (split.has_error()) trouble(split.error());
    if (split.has_error() || generation != generation_) co_return false;
    const auto began = std::max(identity.value().operation_time, not_before_);
    run_.seen = std::max(run_.seen, began);
    current_ = {};
    current_.ns = ns_;
    current_.collection = lane_.name();
    current_.route = lane_.route(ns_)->definition();
    current_.started = {run_.epoch, began, 0};
    for (const auto& range : split.value()) {
        ranges_.push_back(std::make_shared<RangeState>(run_.executor));
        ranges_.back()->range = {range.min.bytes(), range.max.bytes(), "", false};
        current_.ranges.push_back(ranges_.back()->range);
    }
    if (order_) co_return true;
    Commit commit;
    commit.snapshots.push_back(current_);
    if ((co_await run_.committer.commit_now(std::move(commit), Durability::synced)).has_error())
        co_return false;
    co_return generation == generation_;
}

Task<bool> Scanner::wait_for_turn(std::uint64_t generation, bool cursor) {
    const auto began = run_.ports.clock.now();
    while (generation == generation_) {
        waits_for = co_await who_goes_first();
        if (waits_for.empty()) break;
        if (cursor && run_.ports.clock.now() - began > cursor_patience) co_return true;
        co_await run_.ports.clock.sleep(turn_poll);
    }
    co_return false;
}

Task<bool> Scanner::wait_for_room(RangePtr range, std::uint64_t generation) {
    while (generation == generation_) {
        if (co_await wait_for_turn(generation, true)) co_return true;
        if (range->tracker->size() < run_.options.scan_window) break;
        co_await range->changed.wait();
    }
    co_return false;
}

void Scanner::nudge() {
    if (!lane_.paused()) return;
    for (auto& r : ranges_) r->changed.notify();
}

void Scanner::trouble(const Error& error) {
    log::warn("scan", "{}: {}", ns_.text(), describe(error));
    waits_for = describe(error);
}

Task<> Scanner::read_range(RangePtr range, std::uint64_t generation) {
    for (unsigned attempt = 1; generation == generation_ && !range->range.done; ++attempt) {
        if (co_await read_once(range, generation)) attempt = 0;
        if (!range->range.done && generation == generation_ && attempt > 0) co_await back_off(run_, attempt);
    }
    ranges_done_.notify();
}

/// One cursor over what is left of the range. True if it got anywhere.
Task<bool> Scanner::read_once(RangePtr range, std::uint64_t generation) {
    auto& r = *range;
    // Everything that was read before is settled first: then `next` tells exactly where to go on.
    while (r.tracker->size() > 0 && generation == generation_) co_await r.changed.wait();
    co_await wait_for_turn(generation, false);
    if (generation != generation_) co_return false;
    r.ended = false;
    const IdRange ids{DocId::from_bytes(r.range.next.empty() ? r.range.min : r.range.next),
                      DocId::from_bytes(r.range.max)};
    const auto deadline = Deadline::in(run_.ports.clock, run_.options.read_timeout);
    const auto not_before = std::max(current_.started.time, not_before_);
    auto opened = co_await run_.ports.reader.scan(ns_, ids, not_before, deadline);
    if (opened.has_error()) {
        trouble(opened.error());
        co_return false;
    }
    auto scan = std::move(opened.value());
    const Version version{run_.epoch, scan->at(), Version::last};
    bool moved = false;
    while (generation == generation_) {
        auto documents = co_await scan->next(scan_batch);
        if (documents.has_error()) {
            trouble(documents.error().in("going on where it stopped"));
            break;
        }
        if (documents.value().empty()) {
            r.ended = true;
            break;
        }
        if (auto taken = co_await take(range, std::move(documents.value()), version, generation);
            taken.has_error()) {
            trouble(taken.error());
            break;
        }
        moved = true;
        if (co_await wait_for_room(range, generation)) break;
    }
    co_await scan->close();
    if (r.ended) finish_ranges();
    while (r.ended && !r.range.done && generation == generation_) co_await r.changed.wait();
    co_return moved;
}

void Scanner::finish_ranges() {
    for (auto& r : ranges_)
        if (r->ended && !r->range.done && r->tracker->size() == 0) {
            r->range.done = true;
            r->changed.notify();
            ranges_done_.notify();
        }
}

void Scanner::contribute(Commit& commit) {
    if (ranges_.empty() || progress_.done) return;
    bool moved = false;
    for (auto& r : ranges_) {
        const bool was_done = r->range.done;
        r->tracker->advance([&](DocId id) {
            moved = true;
            ++current_.scanned;
            r->range.next = id.bytes();
        });
        if (r->ended && r->tracker->size() == 0) r->range.done = true;
        moved = moved || was_done != r->range.done;
        r->changed.notify();
    }
    progress_.scanned = current_.scanned;
    if (!moved) return;
    for (std::size_t i = 0; i < ranges_.size(); ++i) current_.ranges[i] = ranges_[i]->range;
    if (!order_) commit.snapshots.push_back(current_);
    ranges_done_.notify();
}

}  // namespace halcyon::pipeline
