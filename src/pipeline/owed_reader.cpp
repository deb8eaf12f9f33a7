#include "pipeline/owed_reader.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr auto poll = milliseconds(250);
constexpr auto batch_poll = milliseconds(20);
constexpr auto longest_wait = seconds(10);
constexpr std::size_t round_bytes = 4 * MiB;
constexpr std::size_t largest_batch = 256;
constexpr WallTime end_of_time{std::numeric_limits<std::int64_t>::max()};

}  // namespace

Task<> OwedReader::run() {
    for (unsigned failures = 0;;) {
        co_await run_.ports.clock.sleep(poll);
        while (lane_.may_owe() && !lane_.paused()) {
            const auto going = co_await round();
            failures = going.has_error() ? failures + 1 : 0;
            if (going.has_error()) {
                co_await back_off(run_, failures);
                break;
            }
            if (!going.value()) break;
        }
    }
}

/// Whether there may be more.
Task<Result<bool>> OwedReader::round() {
    HALCYON_CO_TRY(auto due,
                   co_await run_.ports.state.due(lane_.name(), false, run_.ports.clock.wall(), batch_));
    if (due.empty()) {
        HALCYON_CO_TRY(co_await nothing_owed());
        co_return false;
    }
    const auto barrier = std::make_shared<Barrier>(run_.executor);
    HALCYON_CO_TRY(co_await work_off(std::move(due), barrier));
    co_await barrier->until(0);
    // The notes are gone only when the receipts are stored; asking before would re-read the same documents.
    HALCYON_CO_TRY(co_await run_.committer.commit_now({}, Durability::buffered));
    co_return true;
}

Task<> OwedReader::retry() {
    for (unsigned failures = 0;;) {
        co_await run_.ports.clock.sleep(poll);
        const auto now = run_.ports.clock.now();
        if (!lane_.may_owe() || lane_.paused()) continue;
        if (!asked_ && (!run_.options.retry.enabled || now < next_cycle_)) continue;
        asked_ = false;
        next_cycle_ = now + run_.options.retry.interval;
        const auto before = lane_.stats();
        last_ = {.under_way = true, .began = run_.ports.clock.wall()};
        const auto cycled = co_await cycle();
        last_.under_way = false;
        last_.took = std::chrono::duration_cast<milliseconds>(run_.ports.clock.now() - now);
        last_.good = lane_.stats().retries_good - before.retries_good;
        last_.failed = lane_.stats().retries_failed - before.retries_failed;
        failures = cycled.has_error() ? failures + 1 : 0;
        if (failures > 0) co_await back_off(run_, failures);
    }
}

/// So many failed documents, those first that have waited longest. One whose last attempt has not ended (a
/// service that takes nothing from anybody proves nothing against it) does not stand before others.
Task<Result<>> OwedReader::cycle() {
    const auto most = run_.options.retry.batch;
    HALCYON_CO_TRY(auto due, co_await run_.ports.state.due(lane_.name(), true, run_.ports.clock.wall(),
                                                           most + lane_.in_flight()));
    std::erase_if(due, [&](const auto& note) { return lane_.in_flight(note.first.document); });
    if (due.size() > most) due.resize(most);
    if (due.empty()) co_return success();
    for (std::size_t next = 0; next < due.size() && !lane_.paused();) {
        const auto barrier = std::make_shared<Barrier>(run_.executor);
        const auto some = std::min(due.size() - next, batch_);
        const auto from = due.begin() + static_cast<std::ptrdiff_t>(next);
        Notes notes(std::make_move_iterator(from),
                    std::make_move_iterator(from + static_cast<std::ptrdiff_t>(some)));
        HALCYON_CO_TRY(co_await work_off(std::move(notes), barrier));
        next += some;
        last_.tried = next;
        // Law 7: the next few MiB are read when these are through, but not after all that time.
        const auto patience = run_.ports.clock.now() + longest_wait;
        while (barrier->open() > 0 && !lane_.paused() && run_.ports.clock.now() < patience)
            co_await run_.ports.clock.sleep(batch_poll);
    }
    co_return success();
}

/// Tells the lane if there are no notes.
Task<Result<>> OwedReader::nothing_owed() {
    // A note that is being stored now must not be missed.
    const auto mark = lane_.owed_mark();
    HALCYON_CO_TRY(co_await run_.committer.commit_now({}, Durability::buffered));
    for (const bool retries : {false, true}) {
        HALCYON_CO_TRY(const auto later,
                       co_await run_.ports.state.due(lane_.name(), retries, end_of_time, 1));
        if (!later.empty()) co_return success();
    }
    lane_.none_owed(mark);
    co_return success();
}

Task<Result<>> OwedReader::work_off(Notes notes, std::shared_ptr<Barrier> barrier) {
    std::map<Namespace, Notes> by_namespace;
    for (auto& note : notes) by_namespace[note.first.document.ns].push_back(std::move(note));
    for (auto& [ns, some] : by_namespace) {
        HALCYON_CO_TRY(co_await read(ns, std::move(some), barrier));
    }
    co_return success();
}

Task<Result<>> OwedReader::read(Namespace ns, Notes notes, std::shared_ptr<Barrier> barrier) {
    std::vector<DocId> ids;
    for (const auto& [key, note] : notes) ids.push_back(key.document.id);
    const auto deadline = Deadline::in(run_.ports.clock, run_.options.read_timeout);
    auto found = co_await run_.ports.reader.lookup(ns, ids, {}, deadline);
    if (found.has_error() && found.error().verdict == Verdict::reject) {
        // One of them cannot be read: each is asked for alone.
        if (notes.size() > 1) {
            for (auto& note : notes) {
                HALCYON_CO_TRY(co_await read(ns, {std::move(note)}, barrier));
            }
            co_return success();
        }
        Work work;
        work.version = notes.front().second.version;
        work.unreadable = std::make_shared<const Error>(found.error());
        admit(std::move(notes.front()), std::move(work), barrier);
        co_return success();
    }
    if (found.has_error()) {
        log::warn("owed", "{}: {}", ns.text(), describe(found.error()));
        co_return fail(found.error());
    }
    std::size_t bytes = 1;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        Work work;
        if (auto& document = found.value().documents[i]) {
            bytes += document->size();
            work.document = std::move(*document);
        }
        work.version = {run_.epoch, found.value().at, Version::last};
        work.ask = true;
        admit(std::move(notes[i]), std::move(work), barrier);
    }
    batch_ = std::clamp<std::size_t>(round_bytes / (bytes / ids.size() + 1), 1, largest_batch);
    co_return success();
}

void OwedReader::admit(std::pair<ReceiptKey, Owed> note, Work work, const std::shared_ptr<Barrier>& barrier) {
    work.key = std::move(note.first.document);
    work.origin = Work::Origin::owed;
    work.force = note.second.force;
    work.note = std::make_shared<const Owed>(std::move(note.second));
    work.tickets.push_back(barrier->ticket());
    work.happened = run_.ports.clock.wall();
    lane_.admit(std::move(work));
}

}  // namespace halcyon::pipeline
