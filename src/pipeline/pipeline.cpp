#include "pipeline/pipeline.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/log.hpp"
#include "pipeline/explain.hpp"
#include "pipeline/operators.hpp"
#include "pipeline/pipeline_impl.hpp"

namespace halcyon::pipeline {
namespace {

constexpr WallTime end_of_time{std::numeric_limits<std::int64_t>::max()};

}  // namespace

/// Law 8: a paused collection gives up its place before it stops the others.
Task<> Pipeline::Impl::relieve() {
    for (;;) {
        co_await ports.clock.sleep(milliseconds(100));
        trust_again();
        for (auto& s : scanners) s->nudge();
        orders.nudge();
        const bool window = intake.window_used() > options.ack_window / 2;
        const bool bytes =
            ports.stream_budget && ports.stream_budget->used() > ports.stream_budget->capacity() / 2;
        if (!window && !bytes) continue;
        for (auto& [name, lane] : run.lanes)
            while (lane->stuck() && lane->owe_waiting())
                if ((co_await run.committer.commit_now({}, Durability::buffered)).has_error()) break;
    }
}

/// Letters go without the lane: by a newer receipt, or by an operator.
Task<> Pipeline::Impl::count_letters() {
    for (;;) {
        co_await ports.clock.sleep(seconds(1));
        std::map<CollectionName, std::uint64_t> before;
        for (auto& [name, lane] : run.lanes) before[name] = lane->letters();
        const auto counts = co_await ports.state.counts();
        if (counts.has_error()) continue;
        for (auto& [name, lane] : run.lanes) {
            std::uint64_t stored = 0;
            for (const auto& c : counts.value())
                if (c.collection == name) stored = c.dead;
            // Those that were written meanwhile may not be stored yet.
            const auto now = stored + (lane->letters() - before[name]);
            if (many_letters(now) && !many_letters(before[name]))
                log::warn("dead", "{}: {} dead letters of at most {}: with more, the collection pauses",
                          name.value(), now, options.dead_letters);
            lane->know_letters(now);
        }
    }
}

Task<Result<>> Pipeline::Impl::distrust(Lane* lane, std::uint64_t owes, bool scanning) {
    if (scanning) lane->distrust.until_scanned();
    if (owes > lane->distrust.most_keys()) {
        lane->distrust.doubt_many();
    } else if (owes > 0) {
        for (const bool retries : {false, true}) {
            HALCYON_CO_TRY(const auto notes, co_await ports.state.due(lane->name(), retries, end_of_time,
                                                                      lane->distrust.most_keys()));
            for (const auto& [key, note] : notes) lane->distrust.doubt(key.document);
        }
    }
    if (lane->distrust.any())
        log::info("run", "{}: after the unclean stop Qdrant is asked what it holds of {}",
                  lane->name().value(),
                  scanning ? "all documents until the scan is done" : "the documents that are owed");
    co_return success();
}

Task<Result<>> Pipeline::Impl::start() {
    HALCYON_CO_TRY(auto stored, co_await ports.state.load());
    HALCYON_CO_TRY(auto counts, co_await ports.state.counts());
    for (const auto& t : stored.namespaces) run.dead.add(t);
    for (const auto& [name, value] : stored.notes)
        if (name == writer_note) run.writer = value;
    run.writer_stored = !run.writer.empty();
    if (run.writer.empty()) run.writer = random_id(ports.random);
    if (ports.marks) log::info("run", "as a writer this state is {}", run.writer.substr(0, 8));
    keeper.know(stored);
    HALCYON_CO_TRY(co_await orders.know(stored));
    if (writeback)
        writeback->know(stored);
    else
        StatusWriteback::forget(&run.committer, stored);
    HALCYON_CO_TRY(co_await intake.establish(stored));
    std::size_t at = 0;
    for (auto& [name, lane] : run.lanes) {
        std::uint64_t receipts = 0;
        std::uint64_t owes = 0;
        for (const auto& c : counts)
            if (c.collection == name) {
                receipts = c.receipts;
                lane->know_letters(c.dead);
                owes = c.owed;
                if (c.owed > 0) lane->expect_owed();
            }
        bool scanning = false;
        for (const auto& r : options.routes) {
            const auto progress =
                std::find_if(stored.snapshots.begin(), stored.snapshots.end(),
                             [&](const auto& s) { return s.ns == r.from && s.collection == name; });
            const bool known = progress != stored.snapshots.end();
            scanning = scanning || (r.to == name && (known ? !progress->complete() : options.snapshot));
        }
        const bool ordered = orders.left_over(name);
        for (const auto& [note, value] : stored.notes)
            if (note == paused_note(name) && value == "yes") lane->halt(true);
        if (lane->halted())
            log::info("run", "{}: still paused by an operator; `halcyon resume {}` lets it go on",
                      name.value(), name.value());
        if (!stored.clean && !intake.fresh()) {
            HALCYON_CO_TRY(co_await distrust(lane.get(), owes, scanning || ordered));
        }
        openers[at]->know(stored, receipts);
        // Sweeps go by receipts, and some may be missing: of what a scan had written, or of a namespace that
        // died.
        const auto unswept_one = [](const NamespaceTombstone& t) { return !t.swept; };
        if (lane->distrust.any() &&
            (scanning || std::any_of(stored.namespaces.begin(), stored.namespaces.end(), unswept_one)))
            openers[at]->rebuild_receipts();
        ++at;
    }
    for (const auto& edge : orders.lost()) orders.abandon(edge);
    run.group.spawn(work());
    run.group.spawn(run.committer.tick());
    run.group.spawn(relieve());
    for (auto& [name, stage] : embed) run.group.spawn(stage->run());
    for (auto& [name, lane] : run.lanes) {
        run.group.spawn(lane->plan_loop());
        run.group.spawn(lane->write_loop());
    }
    for (auto& o : openers) {
        run.readers.spawn(o->run());
        run.readers.spawn(o->watch());
        run.group.spawn(o->keep_mark());
    }
    if (intake.fresh()) {
        // Without a state the epoch must be above any that the collections' points carry: all of them are
        // asked first.
        std::uint32_t highest = 0;
        for (auto& o : openers) {
            while (!o->opened_once() && !run.error && !run.stopping) co_await run.changed.wait();
            highest = std::max(highest, o->highest_epoch());
        }
        if (run.error) co_return fail(*run.error);
        if (run.stopping) co_return success();
        HALCYON_CO_TRY(co_await intake.set_epoch(highest + 1));
    }
    for (auto& s : scanners) {
        std::optional<SnapshotProgress> progress;
        for (const auto& p : stored.snapshots)
            if (p.ns == s->ns() && p.collection == s->lane().name()) progress = p;
        s->resume(std::move(progress));
        run.readers.spawn(s->run());
    }
    for (auto& o : owed) {
        run.readers.spawn(o->run());
        run.readers.spawn(o->retry());
    }
    run.group.spawn(count_letters());
    for (auto& s : sweepers) run.readers.spawn(s->run());
    for (auto& c : collectors) run.readers.spawn(c->run());
    for (const auto& t : stored.namespaces)
        if (!t.swept) sweep(t);
    if (orders.jobs)
        run.readers.spawn(orders.jobs());
    else
        orders.abandon_all_but({});
    run.readers.spawn(keeper.run());
    run.readers.spawn(read());
    run.readers.spawn(history.run());
    if (writeback) run.group.spawn(writeback->run());
    co_return success();
}

bool Pipeline::Impl::idle() const {
    return std::all_of(run.lanes.begin(), run.lanes.end(), [](const auto& l) { return l.second->idle(); });
}

/// What is under way is finished, unless it waits for somebody who is away; then it is re-read after the next
/// start.
Task<> Pipeline::Impl::drain() {
    const auto until = ports.clock.now() + options.drain_timeout;
    const auto waits = [](const auto& l) { return l.second->idle() || l.second->paused(); };
    while (!run.error && ports.clock.now() < until && !std::all_of(run.lanes.begin(), run.lanes.end(), waits))
        co_await ports.clock.sleep(milliseconds(10));
    // What an earlier life left to be replayed or distrusted is not made good by a stop in between.
    const bool trusted =
        !run.replaying && std::none_of(run.lanes.begin(), run.lanes.end(),
                                       [](const auto& l) { return l.second->distrust.any(); });
    if (!run.error) drained = (co_await run.committer.flush()).has_value() && idle() && trusted;
    if (!run.error && writeback) co_await writeback->finish(until);
    drained = drained && !run.committer.failure();
}

/// Nothing of ours is under way: who waits for our place need not wait for our lease.
Task<> Pipeline::Impl::release_marks() {
    if (!idle()) co_return;
    async::TaskGroup releases(run.executor);
    for (auto& o : openers) releases.spawn(o->release_mark());
    co_await releases.join();
}

Pipeline::Pipeline(async::Executor executor, Ports ports, PipelineOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(ports), std::move(options))) {}
Pipeline::~Pipeline() = default;

Task<Result<>> Pipeline::run() {
    auto& i = *impl_;
    std::exception_ptr cut;
    Result<> started = success();
    try {
        started = co_await i.start();
        if (started.has_value())
            while (!i.run.error && !i.run.stopping) co_await i.run.changed.wait();
    } catch (const boost::system::system_error&) {
        cut =
            std::current_exception();  // cancelled: the children are cut off below, then the caller learns it
    }
    // The children are joined in any case: a cancellation may also be on its way while the start has failed.
    co_await async::asio::this_coro::reset_cancellation_state(async::asio::disable_cancellation());
    i.run.stopping = true;
    i.run.readers.cancel();
    co_await i.run.readers.join();
    co_await i.ports.feed.close();
    if (!cut && started.has_value()) co_await i.drain();
    i.run.group.cancel();
    co_await i.run.group.join();
    if (!cut && started.has_value() && !i.run.error) co_await i.release_marks();
    if (cut) std::rethrow_exception(cut);
    if (started.has_error()) co_return started;
    if (i.run.error) co_return fail(*i.run.error);
    co_return success();
}

void Pipeline::stop() {
    impl_->run.stopping = true;
    impl_->run.changed.notify();
}

std::size_t Pipeline::remove_orphans() { return impl_->keeper.remove_orphans(); }

void Pipeline::approve() {
    for (const auto& [guard, question] : impl_->run.held) impl_->run.approved[guard] = true;
    impl_->run.held.clear();
    for (auto& [name, lane] : impl_->run.lanes) lane->wake();
}

Task<Result<>> Pipeline::retry(std::vector<ReceiptKey> keys, RetryRequest how) {
    HALCYON_CO_TRY(const auto collections, co_await owe_again(&impl_->run, std::move(keys), how));
    for (const auto& c : collections) run_retries(c);
    co_return success();
}

void Pipeline::run_retries(const std::optional<CollectionName>& collection) {
    for (auto& o : impl_->owed)
        if (!collection || o->collection() == *collection) o->cycle_now();
}

Task<Result<>> Pipeline::drop_dead_letter(ReceiptKey key) {
    Commit commit;
    commit.dead_done.push_back(std::move(key));
    co_return co_await impl_->run.committer.commit_now(std::move(commit), Durability::synced);
}

Task<Story> Pipeline::explain(DocumentKey key) {
    auto facts = co_await gather(&impl_->run, std::move(key));
    facts.streaming = impl_->intake.streaming();
    facts.trouble = impl_->intake.trouble();
    for (const auto& s : impl_->scanners)
        for (auto& c : facts.collections)
            if (s->ns() == facts.key.ns && s->lane().name() == c.collection) c.phase = s->progress().phase;
    co_return tell(facts);
}

void Pipeline::watch(Tail tail) {
    auto& recent = impl_->run.recent;
    if (!tail) {
        recent.tail = nullptr;
        return;
    }
    recent.tail = [tail = std::move(tail)](const DocumentKey& key, const Recent::Entry& e) {
        tail(key, past(e));
    };
}

Task<Result<std::vector<CollectionName>>> Pipeline::pause(std::optional<CollectionName> collection) {
    return halt_lanes(&impl_->run, std::move(collection), true);
}

Task<Result<std::vector<CollectionName>>> Pipeline::resume(std::optional<CollectionName> collection) {
    return halt_lanes(&impl_->run, std::move(collection), false);
}

Orders& Pipeline::orders() { return impl_->orders; }

bool Pipeline::drained() const { return impl_->drained; }

}  // namespace halcyon::pipeline
