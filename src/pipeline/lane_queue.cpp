// What is written next, and what waits until Qdrant has taken something else (section "Owed").
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/planned.hpp"

namespace halcyon::pipeline {

void Lane::queue_write(PlannedPtr planned, bool front) {
    auto& p = *planned;
    p.points = p.action == Action::remove ? p.held : p.count;
    p.write_bytes = 0;
    for (const auto& v : p.vectors) p.write_bytes += v->json.size() + p.wanted.payload.size() + 512;
    if (p.action != Action::embed_and_upsert) p.write_bytes = p.points * (p.wanted.payload.size() + 512);
    write_wake_.notify();
    if (p.work.failures.waits(proof_.successes())) return held_back_.push_back(std::move(planned));
    if (p.work.failures.suspect()) return suspects_.push_back({std::move(planned)});
    queued_points_ += p.points;
    queued_bytes_ += p.write_bytes;
    if (front)
        queue_.push_front(std::move(planned));
    else
        queue_.push_back(std::move(planned));
}

bool Lane::write_one() {
    if (!may_work() || (queue_.empty() && suspects_.empty() && held_back_.empty())) return false;
    const auto now = ports_.clock.now();
    if (breaker_.open() && !breaker_.allows(now)) {
        arm(breaker_.next_probe());
        return false;
    }
    if (now < not_before_) {
        arm(not_before_);
        return false;
    }
    if (on_wire_.size() >= (breaker_.open() ? 1 : options_.write_concurrency)) return false;
    Batch batch;
    if (!suspects_.empty() && may_go(suspects_.front())) {
        batch = std::move(suspects_.front());
        suspects_.pop_front();
    } else if (queue_.empty() || !may_go({queue_.front()})) {
        return start_test(now);
    } else {
        // An incomplete batch waits for company while another is on its way: no timer, and no wait when all
        // is quiet.
        const bool full = queued_points_ >= options_.write_points || queued_bytes_ >= options_.write_bytes;
        if (!full && !on_wire_.empty()) return false;
        std::size_t points = 0;
        std::size_t bytes = 0;
        while (!queue_.empty()) {
            auto& next = queue_.front();
            // A probe is one document: of several, one that always fails would speak for all.
            const bool full_now = breaker_.open() || points + next->points > options_.write_points ||
                                  bytes + next->write_bytes > options_.write_bytes;
            if (!batch.empty() && full_now) break;
            points += next->points;
            bytes += next->write_bytes;
            batch.push_back(std::move(next));
            queue_.pop_front();
        }
        queued_points_ -= points;
        queued_bytes_ -= bytes;
    }
    batch = still_alive(std::move(batch));
    if (batch.empty()) return true;
    group_.spawn(write(std::move(batch), new_request()));
    return true;
}

std::uint64_t Lane::new_request() {
    on_wire_.insert(next_request_);
    return next_request_++;
}

/// While Qdrant is away, nothing that has failed before is sent: it would fail again, and be blamed.
bool Lane::may_go(const Batch& batch) const {
    return !breaker_.open() || std::none_of(batch.begin(), batch.end(), [](const PlannedPtr& p) {
        return p->work.failures.failed_before();
    });
}

bool Lane::start_test(Instant now) {
    if (!on_wire_.empty()) return false;  // that answer says as much
    if (!breaker_.open() && now < proof_.next_test()) {
        arm(proof_.next_test());
        return false;
    }
    proof_.began_test(now, ports_.random);
    if (proof_.tests_count() || held_back_.empty()) {
        group_.spawn(test(new_request()));
        return true;
    }
    auto alone = still_alive({std::move(held_back_.front())});
    held_back_.pop_front();
    if (!alone.empty()) group_.spawn(write(std::move(alone), new_request()));
    return true;
}

/// Removes a point that no document can have. For Qdrant that is a write like any other.
Task<> Lane::test(std::uint64_t request) {
    std::vector<SinkOperation> nothing(1);
    nothing.front().removes.push_back(point_id(options_.source, name(), {}, 0));
    const auto deadline = Deadline::in(ports_.clock, options_.write_timeout);
    const auto outcomes = co_await ports_.sink.apply(name(), std::move(nothing), deadline);
    on_wire_.erase(request);
    if (outcomes.front().has_value()) {
        proof_.passed_test();
        lives();
    } else {
        away(outcomes.front().error());
    }
    write_wake_.notify();
}

/// Qdrant answers. What failed before it took something is tried again.
void Lane::lives() {
    const bool was = breaker_.open();
    breaker_.succeeded();
    if (was) {
        log::info("write", "{}: Qdrant takes writes again", name().value());
        plan_wake_.notify();
    }
    release_held_back();
}

void Lane::release_held_back() {
    for (auto held = std::exchange(held_back_, {}); auto& p : held) queue_write(std::move(p));
}

}  // namespace halcyon::pipeline
