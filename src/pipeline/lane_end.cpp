// The ways in which a work leaves the lane: concluded, owed, buried.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "core/utf8.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/planned.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t longest_reason = 4096;
constexpr std::size_t owed_at_once = 1024;

}  // namespace

void Lane::dissolve(const PlannedPtr& planned) {
    planned_bytes_ -= std::exchange(planned->bytes, 0);
    plan_wake_.notify();
}

void Lane::release(const DocumentKey& key) {
    if (auto next = sequencer_.finish(key)) queue_of(*next).push_front(std::move(*next));
    plan_wake_.notify();
}

void Lane::conclude(Work& work, std::optional<Receipt> receipt) {
    if (attempts_of(work) > 0) ++stats_.retries_good;
    for (auto& t : sequencer_.take_joined(work.key)) work.tickets.push_back(std::move(t));
    work.lease.reset();
    if (work.ask && receipt) distrust.asked(work.key);
    committer_.settle(work, name(), std::move(receipt));
    release(work.key);
}

/// The end of the line for it.
void Lane::bury(Work& work, const Error& error, ErrorCode code) {
    for (auto& t : sequencer_.take_joined(work.key)) work.tickets.push_back(std::move(t));
    if (room_for_letter())
        write_letter(work, error, code);
    else
        note_failure(work, error, code, options_.retry.backoff.cap);
    release(work.key);
}

/// It failed by itself: another attempt later, until there were enough.
void Lane::failed_attempt(Work& work, const Error& error, ErrorCode code, Duration at_least) {
    const auto attempts = attempts_of(work) + 1;
    if (attempts >= options_.retry.attempts && room_for_letter()) {
        auto last = error;
        last.context = fmt::format("gave up after {} attempts: {}", attempts, error.context);
        return write_letter(work, last, code);
    }
    note_failure(work, error, code,
                 std::max(at_least, rules::backoff_delay(options_.retry.backoff, attempts, ports_.random)));
}

std::uint32_t Lane::attempts_of(const Work& work) { return work.note ? work.note->attempts : 0; }

void Lane::note_failure(Work& work, const Error& error, ErrorCode code, Duration delay) {
    ++stats_.failed;
    if (attempts_of(work) > 0) ++stats_.retries_failed;
    tell(work, Happened::failed);
    expect_owed();
    if (distrust.of(work.key)) distrust.doubt(work.key);
    const auto now = ports_.clock.wall();
    Owed note;
    note.version = work.version;
    note.reason = std::string(utf8::cut(error.context, longest_reason));
    note.attempts = attempts_of(work) + 1;
    note.next_attempt = {now.ms + std::chrono::duration_cast<milliseconds>(delay).count()};
    note.since = work.note ? work.note->since : now;
    note.code = code;
    note.last_attempt = now;
    note.force = work.force;
    log::warn("retry", "{} {} {}: {} ({}); attempt {} in {} s", name().value(), work.key.ns.text(),
              work.key.id.display(), describe(error), to_string(code), note.attempts + 1,
              std::chrono::duration_cast<seconds>(delay).count());
    work.lease.reset();
    work.document = {};
    work.note = std::make_shared<const Owed>(note);
    tell(work.key, StatusBook::News::behind);
    committer_.owe(work, name(), std::move(note));
}

void Lane::write_letter(Work& work, const Error& error, ErrorCode code) {
    ++stats_.dead;
    if (attempts_of(work) > 0) ++stats_.retries_failed;
    tell(work, Happened::buried);
    ++letters_;
    log::warn("dead", "{} {} {}: {} ({})", name().value(), work.key.ns.text(), work.key.id.display(),
              describe(error), to_string(code));
    DeadLetter letter;
    letter.version = work.version;
    letter.code = code;
    letter.reason = std::string(utf8::cut(error.context, longest_reason));
    letter.payload = work.document.empty() ? "" : work.document.to_json();
    if (letter.payload.size() > options_.dead_letter_payload) {
        letter.reason += fmt::format(" (payload cut from {} bytes)", letter.payload.size());
        letter.payload.resize(utf8::cut(letter.payload, options_.dead_letter_payload).size());
    }
    letter.attempts = attempts_of(work) + 1;
    letter.last = ports_.clock.wall();
    letter.first = work.note && work.note->last_attempt.ms > 0 ? work.note->since : letter.last;
    tell(work.key, StatusBook::News::behind);
    work.lease.reset();
    work.document = {};
    committer_.bury(work, name(), std::move(letter));
}

std::string Lane::reason_for_owing() const {
    auto reason = paused_reason();
    return reason.empty() ? "waited too long" : reason;
}

void Lane::owe(Work& work, Duration delay) {
    ++stats_.owed;
    tell(work, Happened::owed);
    expect_owed();
    // Its receipt is not believed, and a newer event of its key may come before the note is worked off.
    if (work.ask || distrust.of(work.key)) distrust.doubt(work.key);
    log::debug("owe", "{} {} {} at {}", name().value(), work.key.ns.text(), work.key.id.display(),
               work.version.text());
    const auto now = ports_.clock.wall();
    // What it is owed for is an outage: that spends no attempt, and takes none back.
    auto note = work.note ? *work.note : Owed{};
    note.version = work.version;
    if (note.attempts == 0) note.reason = reason_for_owing();
    note.next_attempt = {now.ms + std::chrono::duration_cast<milliseconds>(delay).count()};
    if (!work.note) note.since = now;
    note.force = work.force;
    work.lease.reset();
    work.document = {};
    tell(work.key, StatusBook::News::behind);
    committer_.owe(work, name(), std::move(note));
}

void Lane::owe_and_release(Work& work) {
    const auto key = work.key;
    for (auto& t : sequencer_.take_joined(key)) work.tickets.push_back(std::move(t));
    owe(work, {});
    release(key);
}

void Lane::drop(const std::shared_ptr<JobResult>& result) {
    for (auto works = std::exchange(background_, {}); auto& work : works) {
        // What asks may have been written in part.
        const bool untouched = !work.ask && work.tickets.size() == 1 && !sequencer_.has_joined(work.key);
        if (work.result == result && untouched)
            conclude(work, std::nullopt);
        else
            background_.push_back(std::move(work));
    }
}

bool Lane::owe_waiting() {
    for (auto& parked : sequencer_.take_parked()) owe(parked, {});
    for (auto left = owed_at_once; auto* queue : {&stream_, &background_})
        for (; !queue->empty(); --left) {
            if (left == 0) return true;
            auto work = std::move(queue->front());
            queue->pop_front();
            owe_and_release(work);
        }
    const auto owe_planned = [&](const PlannedPtr& p) {
        dissolve(p);
        leave_wreckage(*p);
        owe_and_release(p->work);
    };
    for (auto planned = std::exchange(queue_, {}); auto& p : planned) owe_planned(p);
    queued_points_ = queued_bytes_ = 0;
    for (auto batches = std::exchange(suspects_, {}); auto& batch : batches)
        for (auto& p : batch) owe_planned(p);
    for (auto held = std::exchange(held_back_, {}); auto& p : held) owe_planned(p);
    if (embed_.stuck())
        for (auto under_way = std::exchange(embedding_, {}); auto& [serial, p] : under_way) {
            for (auto& job : p->jobs) job->abandoned = true;
            owe_planned(p);
        }
    // A write in doubt keeps its key until its fate is known, but nothing else.
    for (auto& [key, doubt] : doubtful_) {
        for (auto& t : sequencer_.take_joined(key)) doubt.work.tickets.push_back(std::move(t));
        if (doubt.owed && doubt.work.tickets.empty()) continue;
        if (!doubt.owed) leave_wreckage(doubt.work, doubt.chunks);
        doubt.owed = true;
        owe(doubt.work, options_.doubt_window);
    }
    return false;
}

}  // namespace halcyon::pipeline
