// The lane's second half: from planned works to confirmed points.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/planned.hpp"

namespace halcyon::pipeline {

/// Its namespace died since it was planned: true if nothing more is to be done for it. What was written of it
/// is removed.
bool Lane::died(const PlannedPtr& p) {
    if (p->action == Action::remove || !dead_.covers(p->work.key.ns, p->work.version)) return false;
    // What was asked for may have no receipt by which a sweep would find it.
    if (p->first > 0 || (p->work.ask && p->held > 0)) {
        p->held = maybe_held(*p);
        p->action = Action::remove;
        p->vectors.clear();
        return false;
    }
    ++stats_.superseded;
    dissolve(p);
    conclude(p->work, std::nullopt);
    return true;
}

Lane::Batch Lane::still_alive(Batch batch) {
    std::erase_if(batch, [&](const PlannedPtr& p) { return died(p); });
    return batch;
}

bool Lane::doubts(const Namespace& ns) const {
    return std::any_of(doubtful_.begin(), doubtful_.end(), [&](const auto& d) { return d.first.ns == ns; });
}

std::uint32_t Lane::maybe_held(const Planned& p) const {
    return p.action == Action::embed_and_upsert ? std::max(p.held, p.first + p.count) : p.held;
}

/// What the collection holds of the document is not known, but for how many chunks there may be: whoever
/// comes next must not rely on the receipt of before (law 3).
void Lane::leave_wreckage(Work& of, std::uint32_t chunks) {
    Receipt receipt;
    receipt.version = of.version;
    receipt.chunks = chunks;
    receipt.embeddings = of.embeddings;
    Work nobody;
    nobody.key = of.key;
    nobody.earlier = of.earlier;
    nobody.reading = std::exchange(of.reading, std::nullopt);
    distrust.asked(of.key);  // whoever comes next asks because of the receipt
    committer_.settle(nobody, name(), remembered(receipt));
}

/// Nothing more is written of it: what it wrote, or found without a receipt, is left.
void Lane::leave_wreckage(Planned& p) {
    if (p.first > 0 || (p.work.ask && p.held > 0)) leave_wreckage(p.work, maybe_held(p));
}

/// The same for what comes again by a note: whoever is earlier must not believe a receipt that this one did
/// not believe.
void Lane::leave_doubt(Planned& p) {
    if (p.first > 0 || p.work.ask) leave_wreckage(p.work, maybe_held(p));
}

Task<> Lane::write_loop() {
    for (;;) {
        while (write_one()) {
        }
        co_await write_wake_.wait();
    }
}

SinkOperation Lane::operation_of(const Planned& p) const {
    SinkOperation op;
    Provenance provenance;
    provenance.source = options_.source;
    provenance.key = p.work.key;
    provenance.chunks = p.total;
    provenance.text = p.wanted.text_digest;
    provenance.payload = p.wanted.payload_digest;
    provenance.fingerprint = p.fingerprint;
    provenance.version = p.work.version;
    provenance.at = ports_.clock.wall();
    const auto id = [&](std::uint32_t chunk) { return point_id(options_.source, name(), p.work.key, chunk); };
    const auto payload = [&](std::size_t i) {
        return i < p.texts.size() ? p.route->chunk_payload(p.wanted.payload, p.texts[i]) : p.wanted.payload;
    };
    std::uint32_t keep = 0;
    if (p.action == Action::embed_and_upsert) {
        op.upserts.reserve(p.count);
        for (std::uint32_t i = 0; i < p.count; ++i) {
            provenance.chunk = p.first + i;
            op.upserts.push_back({id(p.first + i), p.vectors[i], payload(i), provenance});
        }
        // The old tail goes after the last window was written (law 4).
        keep = p.last_window() ? p.total : std::max(p.held, p.total);
    } else if (p.action == Action::overwrite_payload) {
        for (std::uint32_t i = 0; i < p.total; ++i) {
            provenance.chunk = i;
            op.payloads.push_back({id(i), payload(i), provenance});
        }
        keep = p.held;
    }
    for (std::uint32_t chunk = keep; chunk < p.held; ++chunk) op.removes.push_back(id(chunk));
    return op;
}

Task<> Lane::write(Batch batch, std::uint64_t request) {
    std::vector<SinkOperation> operations;
    operations.reserve(batch.size());
    for (const auto& p : batch) operations.push_back(operation_of(*p));
    const auto began = ports_.clock.now();
    const auto deadline = Deadline::in(ports_.clock, options_.write_timeout);
    auto outcomes = co_await ports_.sink.apply(name(), std::move(operations), deadline);
    on_wire_.erase(request);
    if (times) times->write.record(ports_.clock.now() - began);
    Batch rejected;
    std::optional<Error> rejection;
    std::optional<Error> outage;
    bool answered = false;
    if (std::any_of(outcomes.begin(), outcomes.end(), [](const auto& o) { return o.has_value(); })) {
        proof_.took_something();
        release_held_back();
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto& p = batch[i];
        const auto& outcome = outcomes[i];
        if (outcome.has_value()) {
            answered = true;
            wrote(p);
            continue;
        }
        const auto& e = outcome.error();
        if (e.cause == Cause::in_doubt) {
            outage = e;
            doubt(p, e);
        } else if (e.verdict == Verdict::reject) {
            answered = true;
            rejection = e;
            rejected.push_back(p);
        } else if (e.verdict == Verdict::resync) {
            answered = true;
            plan_again(p);
        } else {
            outage = e;
            failed_write(p, e);
        }
    }
    if (!rejected.empty()) refused(std::move(rejected), batch.size(), *rejection);
    if (outage)
        away(*outage);
    else if (answered)
        lives();
    write_wake_.notify();
}

void Lane::wrote(const PlannedPtr& planned) {
    auto& p = *planned;
    JobResult nobody;
    auto& job = p.work.result ? *p.work.result : nobody;
    switch (p.action) {
        case Action::embed_and_upsert:
            stats_.upserted += p.count;
            job.embedded += p.count;
            job.written += p.count;
            break;
        case Action::overwrite_payload:
            stats_.payloads += p.total;
            job.written += p.total;
            break;
        default:
            stats_.removed += p.held;
            job.removed += p.held;
            break;
    }
    if (p.action == Action::embed_and_upsert && !p.last_window()) {
        if (!open_) return plan_again(planned);
        p.first += p.count;
        return begin_window(planned);
    }
    if (p.action == Action::embed_and_upsert && p.held > p.total) {
        stats_.removed += p.held - p.total;
        job.removed += p.held - p.total;
    }
    ++stats_.confirmed;
    if (times && p.work.origin == Work::Origin::stream) {
        times->confirm.record(ports_.clock.now() - p.work.arrived);
        times->end_to_end.record(milliseconds(ports_.clock.wall().ms - p.work.happened.ms));
    }
    tell(p.work, p.action == Action::embed_and_upsert    ? Happened::embedded_and_written
                 : p.action == Action::overwrite_payload ? Happened::payload_written
                                                         : Happened::removed);
    Receipt receipt;
    receipt.version = p.work.version;
    receipt.at = ports_.clock.wall();
    receipt.deleted = p.action == Action::remove;
    receipt.embeddings = p.work.embeddings + (p.action == Action::embed_and_upsert ? 1 : 0);
    if (!receipt.deleted) {
        receipt.text = p.wanted.text_digest;
        receipt.payload = p.wanted.payload_digest;
        receipt.chunks = p.total;
    }
    dissolve(planned);
    tell(p.work.key, StatusBook::News::synced);
    conclude(p.work, receipt);
}

/// Nothing of the request took effect. The lane may have been shut meanwhile: then the windows that were
/// written before it may be gone with the collection.
void Lane::write_again(const PlannedPtr& planned) {
    if (!open_ && planned->first > 0) return plan_again(planned);
    queue_write(planned, true);
}

/// What it was planned on is not true any more: a payload's point does not exist, or the collection is
/// another one.
void Lane::plan_again(const PlannedPtr& planned) {
    dissolve(planned);
    auto work = std::move(planned->work);
    work.ask = true;
    queue_of(work).push_front(std::move(work));
    plan_wake_.notify();
}

/// Nothing of it took effect.
void Lane::failed_write(const PlannedPtr& planned, const Error& error) {
    auto& p = *planned;
    p.work.failures.failed(proof_.successes(), error.cause);
    if (!p.work.failures.given_up()) return write_again(planned);
    proof_.spent_attempt();
    dissolve(planned);
    leave_doubt(p);
    for (auto& t : sequencer_.take_joined(p.work.key)) p.work.tickets.push_back(std::move(t));
    failed_attempt(p.work, error, qdrant_code(error.cause));
    release(p.work.key);
}

void Lane::doubt(const PlannedPtr& planned, const Error& error) {
    ++stats_.doubts;
    tell(planned->work, Happened::doubted);
    dissolve(planned);
    const auto chunks = maybe_held(*planned);
    auto work = std::move(planned->work);
    work.ask = true;
    work.failures.failed(proof_.successes(), error.cause);
    auto key = work.key;
    auto& doubt = doubtful_.insert_or_assign(key, Doubt{std::move(work), chunks}).first->second;
    if (doubt.work.failures.given_up()) {
        // The key stays in flight until the write's fate is known; the document comes again by its note.
        proof_.spent_attempt();
        leave_wreckage(doubt.work, chunks);
        for (auto& t : sequencer_.take_joined(key)) doubt.work.tickets.push_back(std::move(t));
        failed_attempt(doubt.work, error, qdrant_code(error.cause), options_.doubt_window);
        doubt.owed = true;
    }
    group_.spawn(read_back_later(std::move(key)));
}

Task<> Lane::read_back_later(DocumentKey key) {
    co_await ports_.clock.sleep(options_.doubt_window);
    const auto it = doubtful_.find(key);
    auto doubt = std::move(it->second);
    doubtful_.erase(it);
    if (doubt.owed) {
        for (auto& t : sequencer_.take_joined(key)) doubt.work.tickets.push_back(std::move(t));
        if (!doubt.work.tickets.empty()) owe(doubt.work, {});
        release(key);
        co_return;
    }
    queue_of(doubt.work).push_front(std::move(doubt.work));
    plan_wake_.notify();
}

void Lane::refused(Batch batch, std::size_t of, const Error& error) {
    if (batch.size() == 1 && of == 1) {
        auto& p = batch.front();
        const auto wanted = p->action;
        if (died(p)) return;
        if (p->action != wanted) return queue_write(std::move(p));
        dissolve(p);
        leave_wreckage(*p);
        return bury(p->work, error, qdrant_code(error.cause));
    }
    if (!open_) {
        for (auto& p : batch) write_again(p);
        return;
    }
    if (batch.size() < of || batch.size() == 1) {
        suspects_.push_back(std::move(batch));
        return;
    }
    const auto half = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    suspects_.emplace_back(std::make_move_iterator(batch.begin()), std::make_move_iterator(half));
    suspects_.emplace_back(std::make_move_iterator(half), std::make_move_iterator(batch.end()));
}

void Lane::away(const Error& error) {
    const auto now = ports_.clock.now();
    if (error.cause == Cause::rate_limited) {
        not_before_ = now + error.retry_after.value_or(milliseconds(1000));
        arm(not_before_);
        return;
    }
    const bool was = breaker_.open();
    std::optional<Duration> wait;
    if (error.retry_after) wait = *error.retry_after;
    breaker_.failed(now, wait, ports_.random);
    breaker_reason_ = describe(error);
    if (!was && breaker_.open())
        log::warn("write", "{} is paused: {}; its changes wait, the others go on", name().value(),
                  breaker_reason_);
    if (breaker_.open()) arm(breaker_.next_probe());
    if (error.cause == Cause::not_found && on_missing) on_missing();
}

void Lane::arm(Instant due) {
    if (armed_ && *armed_ <= due && *armed_ > ports_.clock.now()) return;
    armed_ = due;
    group_.spawn(alarm(due));
}

Task<> Lane::alarm(Instant due) {
    co_await ports_.clock.sleep_until(due);
    if (armed_ == due) armed_.reset();
    wake();
}

}  // namespace halcyon::pipeline
