// The ways in which a work leaves the lane: concluded, owed, buried.
#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/planned.hpp"

namespace halcyon::pipeline {

void Lane::dissolve(const PlannedPtr& planned) {
    planned_bytes_ -= std::exchange(planned->bytes, 0);
    plan_wake_.notify();
}

void Lane::release(const DocumentKey& key) {
    if (auto next = sequencer_.finish(key)) queue_of(*next).push_front(std::move(*next));
    plan_wake_.notify();
}

void Lane::conclude(Work& work, std::optional<Receipt> receipt) {
    for (auto& t : sequencer_.take_joined(work.key)) work.tickets.push_back(std::move(t));
    work.lease.reset();
    committer_.settle(work, name(), std::move(receipt));
    release(work.key);
}

void Lane::bury(Work& work, const Error& error) {
    ++stats_.dead;
    log::warn("dead", "{} {} {}: {}", name().value(), work.key.ns.text(), work.key.id.display(),
              describe(error));
    DeadLetter letter;
    letter.version = work.version;
    letter.code = ErrorCode::unknown;
    letter.reason = error.context.substr(0, 4096);
    letter.payload = work.document.empty() ? "" : work.document.to_json();
    if (letter.payload.size() > options_.dead_letter_payload) {
        letter.reason += fmt::format(" (payload cut from {} bytes)", letter.payload.size());
        letter.payload.resize(options_.dead_letter_payload);
    }
    letter.attempts = work.attempts + 1;
    letter.first = letter.last = ports_.clock.wall();
    for (auto& t : sequencer_.take_joined(work.key)) work.tickets.push_back(std::move(t));
    work.lease.reset();
    committer_.bury(work, name(), std::move(letter));
    release(work.key);
}

std::string Lane::reason_for_owing() const {
    auto reason = paused_reason();
    return reason.empty() ? "waited too long" : reason;
}

void Lane::owe(Work& work, Duration delay) {
    ++stats_.owed;
    expect_owed();
    // Its receipt is not believed, and a newer event of its key may come before the note is worked off.
    distrust = distrust || work.ask;
    log::debug("owe", "{} {} {} at {}", name().value(), work.key.ns.text(), work.key.id.display(),
               work.version.text());
    auto at = ports_.clock.wall();
    at.ms += std::chrono::duration_cast<milliseconds>(delay).count();
    work.lease.reset();
    work.document = {};
    committer_.owe(work, name(), reason_for_owing(), at);
}

void Lane::owe_and_release(Work& work) {
    const auto key = work.key;
    for (auto& t : sequencer_.take_joined(key)) work.tickets.push_back(std::move(t));
    owe(work, {});
    release(key);
}

void Lane::owe_waiting() {
    for (auto& parked : sequencer_.take_parked()) owe(parked, {});
    for (auto* queue : {&stream_, &background_})
        for (auto works = std::exchange(*queue, {}); auto& work : works) owe_and_release(work);
    const auto owe_planned = [&](const PlannedPtr& p) {
        dissolve(p);
        leave_wreckage(*p);
        owe_and_release(p->work);
    };
    for (auto planned = std::exchange(queue_, {}); auto& p : planned) owe_planned(p);
    queued_points_ = queued_bytes_ = 0;
    for (auto batches = std::exchange(suspects_, {}); auto& batch : batches)
        for (auto& p : batch) owe_planned(p);
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
}

}  // namespace halcyon::pipeline
