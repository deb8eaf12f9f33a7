#include "pipeline/intake.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t intake_batch = 512;
constexpr unsigned lagging_answers = 5;  // until a time that runs backwards is believed

/// From the surest to the last: the event's token (the server checks it), the high-water token, the bare
/// cluster time.
std::vector<Position> rungs(const Position& last_event, const Position& position) {
    std::vector<Position> all;
    if (!last_event.token.empty()) all.push_back(last_event);
    if (!position.token.empty() && position.token != last_event.token) all.push_back(position);
    if (!position.time.empty()) all.push_back(Position{"", position.time, false, false});
    return all;
}

}  // namespace

Intake::Intake(RunState& run) : run_(run), tracker_(std::make_shared<Tracker>()), room_(run.executor) {
    run_.committer.add_contributor(this);
}

Task<Result<SourceIdentity>> Intake::identify() {
    std::vector<Namespace> namespaces;
    for (const auto& [ns, lanes] : run_.edges) namespaces.push_back(ns);
    for (unsigned attempt = 1, behind = 0;; ++attempt) {
        auto identity = co_await run_.ports.reader.identify(
            namespaces, Deadline::in(run_.ports.clock, run_.options.read_timeout));
        if (identity.has_value()) {
            // A member that lags behind is no restored backup.
            if (identity.value().operation_time >= seen() || ++behind == lagging_answers) co_return identity;
        } else {
            if (identity.error().verdict == Verdict::fatal) co_return identity;
            trouble_ = describe(identity.error());
            if (attempt == 1 || attempt % 10 == 0) log::warn("source", "waiting for MongoDB: {}", trouble_);
        }
        co_await back_off(run_, attempt);
    }
}

Position Intake::received() const {
    const auto* newest = tracker_->newest();
    return newest ? newest->position : frontier_.position;
}

ClusterTime Intake::seen() const {
    return std::max({received().time, frontier_.source.operation_time, run_.seen});
}

std::string Intake::different(const SourceIdentity& now) const {
    const auto& before = frontier_.source;
    if (!before.deployment.empty() && before.deployment != now.deployment)
        return fmt::format("another deployment answers ({} instead of {})", now.deployment,
                           before.deployment);
    if (now.operation_time < seen()) return "the deployment's time runs backwards (a restored backup?)";
    return {};
}

bool Intake::routed(const Namespace& ns, const CollectionName& collection) const {
    const auto edge = run_.edges.find(ns);
    return edge != run_.edges.end() &&
           std::any_of(edge->second.begin(), edge->second.end(),
                       [&](const Lane* lane) { return lane->name() == collection; });
}

Task<Result<>> Intake::establish(StoredState& stored) {
    HALCYON_CO_TRY(auto identity, co_await identify());
    trouble_.clear();
    bool rescan = false;
    if (!stored.clean) zone_until_ = identity.operation_time;
    // Without an epoch the first start did not get as far as asking the collections for theirs.
    if (!stored.frontier || stored.frontier->epoch == 0) {
        fresh_ = rescan = true;
        frontier_.position.time = identity.operation_time;
    } else {
        frontier_ = *stored.frontier;
        for (const auto& s : stored.snapshots)
            if (s.started.epoch == frontier_.epoch) run_.seen = std::max(run_.seen, s.started.time);
        const auto reason = different(identity);
        if (!reason.empty()) {
            log::warn("source", "{}: everything is compared again, only what differs is embedded", reason);
            rescan = true;
            ++frontier_.epoch;
            frontier_.position = {"", identity.operation_time, false, false};
            frontier_.last_event = {};
            run_.seen = {};
        }
    }
    frontier_.source = identity;
    run_.replaying = frontier_.position.time < zone_until_;
    Commit commit;
    commit.frontier = frontier_;
    if (rescan && !fresh_ && !stored.clean)
        for (const auto& [name, lane] : run_.lanes) {
            // What was under way is replayed by nobody: the collections themselves must say what they hold.
            commit.notes.emplace_back(rebuilding_note(name), "yes");
            stored.notes.emplace_back(rebuilding_note(name), "yes");
        }
    // A route that is gone sees no changes any more: should it come back, everything is compared.
    const auto void_it = [&](const SnapshotProgress& s) { return rescan || !routed(s.ns, s.collection); };
    for (const auto& s : stored.snapshots)
        if (void_it(s)) commit.snapshots.push_back(voided(s.ns, s.collection));
    std::erase_if(stored.snapshots, void_it);
    run_.epoch = frontier_.epoch;
    co_return co_await run_.ports.store.commit(std::move(commit), Durability::synced);
}

Task<Result<>> Intake::set_epoch(std::uint32_t epoch) {
    frontier_.epoch = run_.epoch = epoch;
    Commit commit;
    commit.frontier = frontier_;
    co_return co_await run_.ports.store.commit(std::move(commit), Durability::synced);
}

/// Until the feed is open. Nothing is skipped: where no position is understood any more, everything is
/// scanned.
Task<Result<>> Intake::open() {
    for (;;) {
        HALCYON_CO_TRY(const auto lost, co_await descend());
        // Behind the address there may be another deployment by now, or an older state of it, that accepts a
        // position which names no event of its own. Asked after the stream is open, so that it is of what
        // streams.
        HALCYON_CO_TRY(const auto identity, co_await identify());
        const auto why = lost ? *lost : different(identity);
        if (why.empty()) {
            streaming_ = true;
            trouble_.clear();
            co_return success();
        }
        HALCYON_CO_TRY(co_await start_over(identity, why));
        co_await back_off(run_, 1);
    }
}

/// Down the ladder of positions. A reason: none of them is understood.
Task<Result<std::optional<std::string>>> Intake::descend() {
    const auto newest = received();
    const auto ladder = rungs(newest.of_event ? newest : frontier_.last_event, newest);
    std::size_t rung = 0;
    for (unsigned attempt = 1;; ++attempt) {
        auto opened = co_await run_.ports.feed.open(
            ladder[rung], Deadline::in(run_.ports.clock, run_.options.read_timeout));
        if (opened.has_value()) co_return std::optional<std::string>();
        const auto& e = opened.error();
        trouble_ = describe(e);
        if (e.verdict == Verdict::fatal) co_return fail(e);
        // An event that nothing can be learnt of: who stays before it stays for ever.
        if (e.verdict == Verdict::reject) co_return std::optional(trouble_);
        if (e.verdict == Verdict::resync) {
            // The server still holds that time, and our event is not in it: a time without an event would be
            // accepted, and hide what differs.
            const bool another_history = e.cause == Cause::not_found && ladder[rung].of_event;
            if (another_history || ++rung == ladder.size()) co_return std::optional(trouble_);
            log::warn("source", "the position is not understood ({}): trying the one before", trouble_);
            continue;
        }
        if (attempt == 1 || attempt % 10 == 0)
            log::warn("source", "the change stream cannot be opened, waiting: {}", trouble_);
        co_await back_off(run_, attempt);
    }
}

Task<Result<>> Intake::start_over(const SourceIdentity& identity, std::string reason) {
    ++run_.stream.rescans;
    log::warn("source",
              "the stream cannot go on from our position ({}): everything is compared by digest, only what "
              "differs is embedded",
              reason);
    // Under another history the versions of before say nothing: a new epoch stands above all of them.
    if (!different(identity).empty()) ++frontier_.epoch;
    if (on_history_lost) on_history_lost();
    // Nothing is replayed any more.
    zone_until_ = {};
    run_.replaying = false;
    // Works under way keep their tickets on the old tracker, which nobody asks any more.
    tracker_ = std::make_shared<Tracker>();
    frontier_.position = {"", identity.operation_time, false, false};
    frontier_.last_event = {};
    frontier_.source = identity;
    run_.seen = {};
    Commit commit;
    commit.frontier = frontier_;
    for (const auto& [ns, lanes] : run_.edges)
        for (const auto* lane : lanes) commit.snapshots.push_back(voided(ns, lane->name()));
    HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(commit), Durability::synced));
    run_.epoch = frontier_.epoch;  // no version carries it before it is durable
    if (on_rescan) on_rescan(std::nullopt);
    co_return success();
}

Task<Result<>> Intake::read() {
    HALCYON_CO_TRY(co_await open());
    for (;;) {
        while (tracker_->size() >= run_.options.ack_window) co_await room_.wait();
        auto items = co_await run_.ports.feed.next(intake_batch);
        if (items.has_error()) {
            streaming_ = false;
            const auto& e = items.error();
            trouble_ = describe(e);
            if (e.verdict == Verdict::fatal) co_return fail(e);
            log::warn("source", "the change stream broke, reopening: {}", trouble_);
            ++run_.stream.reopened;
            if (e.verdict == Verdict::reject) {
                HALCYON_CO_TRY(const auto identity, co_await identify());
                HALCYON_CO_TRY(co_await start_over(identity, describe(e)));
            }
            co_await back_off(run_, 1);
            HALCYON_CO_TRY(co_await open());
            continue;
        }
        for (auto& item : items.value()) take(std::move(item));
    }
}

TicketPtr Intake::ticket(Position position, WallTime happened, std::size_t parts) {
    const auto number = tracker_->open({std::move(position), happened});
    if (parts == 0) {
        tracker_->settle(number);
        run_.committer.touch();
        return nullptr;
    }
    return std::make_shared<Ticket>(Ticket{tracker_, number, static_cast<std::uint32_t>(parts)});
}

void Intake::take(FeedItem item) {
    if (auto* event = std::get_if<ChangeEvent>(&item.what)) {
        ++run_.stream.events;
        take_event(std::move(*event), std::move(item.position), std::move(item.lease));
    } else if (auto* gone = std::get_if<NamespaceGone>(&item.what)) {
        ++run_.stream.events;
        take_gone(std::move(*gone), std::move(item.position));
    } else {
        ++run_.stream.heartbeats;
        ticket(std::move(item.position), run_.ports.clock.wall(), 0);
    }
}

void Intake::take_event(ChangeEvent event, Position position, async::Lease lease) {
    event.version.epoch = run_.epoch;
    const auto edge = run_.edges.find(event.key.ns);
    // What is older than what is settled was settled itself; its tombstone may be gone.
    if (event.version.time < settled()) return;
    const auto parts = edge == run_.edges.end() ? 0 : edge->second.size();
    const auto arrived = run_.ports.clock.now();
    const auto shared = ticket(std::move(position), event.happened, parts);
    if (!shared) return;
    if (parts > 0)
        run_.recent.add(event.key, nullptr,
                        event.needs_read                          ? Happened::too_large
                        : event.kind == ChangeEvent::Kind::upsert ? Happened::changed
                                                                  : Happened::deleted,
                        event.version, run_.ports.clock.wall());
    const auto charged = std::make_shared<async::Lease>(std::move(lease));
    for (auto* lane : edge->second) {
        Work work;
        work.key = event.key;
        work.version = event.version;
        work.tickets.push_back(shared);
        work.happened = event.happened;
        work.arrived = arrived;
        if (event.needs_read) {
            lane->expect_owed();
            if (event.version.time <= zone_until_) lane->distrust.doubt(event.key);
            const auto now = run_.ports.clock.wall();
            run_.committer.owe(
                work, lane->name(),
                Owed{work.version, "too large for the change stream: it is read by its key", 0, now, now});
            continue;
        }
        if (event.kind == ChangeEvent::Kind::upsert) work.document = event.document;
        work.ask = event.version.time <= zone_until_;
        work.lease = charged;
        lane->admit(std::move(work));
    }
}

void Intake::take_gone(NamespaceGone gone, Position position) {
    gone.version.epoch = run_.epoch;
    log::info("source", "{}: {}", gone.ns.collection.empty() ? gone.ns.database : gone.ns.text(),
              gone.reason);
    const auto shared = ticket(std::move(position), run_.ports.clock.wall(), 1);
    NamespaceTombstone tombstone{gone.ns, gone.version, false};
    run_.dead.add(tombstone);
    std::vector<SnapshotProgress> scans;
    if (const auto edge = run_.edges.find(gone.ns); gone.rescan && edge != run_.edges.end())
        for (const auto* lane : edge->second) scans.push_back(voided(gone.ns, lane->name()));
    run_.committer.entomb(tombstone, std::move(scans), shared);
    if (on_namespace_gone) on_namespace_gone(tombstone);
    if (gone.rescan && on_rescan) on_rescan(gone.ns);
}

std::optional<std::chrono::milliseconds> Intake::lag() const {
    if (!streaming_) return std::nullopt;
    const auto* oldest = tracker_->oldest_open();
    if (!oldest) return std::chrono::milliseconds(0);
    return std::chrono::milliseconds(
        std::max<std::int64_t>(0, run_.ports.clock.wall().ms - oldest->happened.ms));
}

void Intake::contribute(Commit& commit) {
    bool moved = false;
    tracker_->advance([&](Mark mark) {
        moved = true;
        if (mark.position.of_event) frontier_.last_event = mark.position;
        frontier_.position = std::move(mark.position);
    });
    if (moved || tracker_->size() == 0) position_moved_ = run_.ports.clock.wall();
    if (moved) {
        frontier_.source.operation_time = seen();
        commit.frontier = frontier_;
    }
    run_.replaying = frontier_.position.time < zone_until_;
    room_.notify();
}

}  // namespace halcyon::pipeline
