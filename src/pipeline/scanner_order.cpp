// What a scan hands on of what it reads, and what it waits for before that.
#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "pipeline/scanner.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t stream_first = 1024;       // stream works that wait: a scan stands back
constexpr std::size_t stream_before_count = 64;  // the same for one that only counts
constexpr auto owed_every = milliseconds(500);
constexpr std::size_t page_rows = 512;

}  // namespace

Task<bool> Scanner::pass(std::optional<SnapshotProgress> from, ClusterTime not_before,
                         async::TaskGroup& readers) {
    // Also when it is cancelled.
    struct Passing {
        bool& on;
        explicit Passing(bool& flag) : on(flag) { on = true; }
        ~Passing() { on = false; }
    } const passing(passing_);
    readers_ = &readers;
    not_before_ = not_before;
    stored_ = std::move(from);
    if (order_->count_only && !tally_)
        tally_.emplace(*lane_.route(ns_), run_.ports.embedders.at(lane_.options().embedder)->limits(),
                       order_->force);
    const auto generation = generation_;
    bool whole = false;
    for (unsigned attempt = 1; !whole && generation == generation_; ++attempt) {
        if (attempt > 1) co_await back_off(run_, attempt - 1);
        whole = co_await scan();
    }
    whole = whole && generation == generation_;
    progress_.done = whole;
    waits_for.clear();
    co_return whole;
}

bool Scanner::under_way() const {
    const auto open = [](const AckTrackerPtr& t) { return t->unsettled() > 0; };
    return passing_ || (sweeping_ && sweeping_->open() > 0) ||
           std::any_of(left_.begin(), left_.end(), open) ||
           std::any_of(ranges_.begin(), ranges_.end(), [&](const RangePtr& r) { return open(r->tracker); });
}

void Scanner::withdraw() {
    if (!asked_.empty()) run_.held.erase(std::exchange(asked_, {}));
}

std::optional<RoutePlan> Scanner::counted() const {
    return tally_ ? std::optional(tally_->finish()) : std::nullopt;
}

std::string Scanner::held_by() const {
    if (order_ && order_->count_only) return {};
    if (run_.held.contains(embeddings_guard(lane_.name())))
        return "the guard max_embeddings: it waits for an operator";
    if (lane_.paused()) return fmt::format("{} is paused: {}", lane_.name().value(), lane_.paused_reason());
    return {};
}

/// And what for; empty: it is our turn.
Task<std::string> Scanner::who_goes_first() {
    const bool counts = order_ && order_->count_only;
    const bool held = !counts && lane_.scans_held && lane_.scans_held();
    progress_.phase = held ? "held" : "scanning";
    if (auto why = held_by(); !why.empty()) co_return why;
    if (lane_.stream_backlog() >= (counts ? stream_before_count : stream_first))
        co_return std::string("changes of the stream go first");
    if (!order_ || order_->max_pending == 0) co_return std::string();
    if (const auto now = run_.ports.clock.now(); !owed_ || now - owed_counted_ >= owed_every) {
        owed_counted_ = now;
        const auto counts_now = co_await run_.ports.state.counts();
        // Law 6: not known is not none.
        owed_.reset();
        if (counts_now.has_value()) {
            owed_ = 0;
            for (const auto& c : counts_now.value())
                if (c.collection == lane_.name()) owed_ = c.owed;
        }
    }
    if (!owed_) co_return std::string("max_pending: how many documents wait is not known");
    const auto pending = *owed_ + lane_.in_flight();
    if (pending <= order_->max_pending) co_return std::string();
    co_return fmt::format("max_pending: {} documents wait, the bound is {}", pending, order_->max_pending);
}

Task<Result<std::vector<std::optional<Receipt>>>> Scanner::receipts_of(
    const std::vector<ScannedDocument>* documents) {
    std::vector<std::optional<Receipt>> held(documents->size());
    std::vector<ReceiptKey> keys;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < documents->size(); ++i) {
        ReceiptKey key{lane_.name(), {ns_, (*documents)[i].id}};
        // Before the read: a receipt that leaves the overlay meanwhile is stored, and the read sees it.
        if (const auto* r = run_.committer.confirmed(key)) {
            held[i] = *r;
        } else {
            keys.push_back(std::move(key));
            places.push_back(i);
        }
    }
    HALCYON_CO_TRY(auto stored, co_await run_.ports.state.receipts(std::move(keys)));
    for (std::size_t i = 0; i < places.size(); ++i) held[places[i]] = std::move(stored[i]);
    co_return held;
}

/// As far as receipts are believed now.
bool Scanner::is_held(const std::optional<Receipt>& r) const {
    return r && !r->deleted && r->chunks > 0 && !half_written(*r) && !run_.dead.covers(ns_, r->version);
}

/// To the lane, or to the tally. An Error: the receipts cannot be read.
Task<Result<>> Scanner::take(RangePtr range, std::vector<ScannedDocument> documents, Version version,
                             std::uint64_t generation) {
    const bool looks = order_ && (order_->missing_only || order_->count_only);
    std::vector<std::optional<Receipt>> held(documents.size());
    if (looks) {
        HALCYON_CO_TRY(held, co_await receipts_of(&documents));
        if (generation != generation_) co_return success();
    }
    // What was under way before an unclean stop may be held without a receipt, or not as it says.
    const bool believed = !lane_.distrust.any() && !run_.replaying;
    auto& tracker = *range->tracker;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        auto& d = documents[i];
        const auto number = tracker.open(d.id);
        const bool there = looks && order_->missing_only && is_held(held[i]);
        if (tally_) {
            // Where a cursor goes on, the last document is read once more.
            const bool counted = d.id.bytes() == range->range.next;
            if (!counted) there ? tally_->pass_by() : tally_->add(d.document, held[i]);
            tracker.settle(number);
            continue;
        }
        if (there && believed) {
            ++order_->result->unchanged;
            tracker.settle(number);
            continue;
        }
        Work work;
        work.key = {ns_, d.id};
        work.document = std::move(d.document);
        work.version = version;
        work.origin = Work::Origin::scan;
        work.lease = std::make_shared<async::Lease>(std::move(d.lease));
        work.happened = run_.ports.clock.wall();
        work.tickets.push_back(std::make_shared<Ticket>(Ticket{range->tracker, number, 1}));
        if (order_) {
            work.force = order_->force;
            work.result = order_->result;
        }
        lane_.admit(std::move(work));
    }
    if (looks) run_.committer.hurry();
    co_return success();
}

/// Everything is read, and all of it has settled.
Task<bool> Scanner::end() {
    if (!order_ || !(order_->missing_only || order_->count_only)) co_return co_await sweep();
    co_return order_->missing_only || co_await count_held();
}

/// What the scan did not meet would be swept.
Task<bool> Scanner::count_held() {
    const auto generation = generation_;
    auto counted = *tally_;
    std::optional<std::string> from;
    do {
        auto page = co_await run_.ports.state.scan_receipts(lane_.name(), ns_, from, page_rows);
        if (page.has_error() || generation != generation_) co_return false;
        for (const auto& [key, receipt] : page.value().rows)
            if (!receipt.deleted) counted.add_held();
        from = page.value().next;
    } while (from);
    tally_ = std::move(counted);
    co_return true;
}

}  // namespace halcyon::pipeline
