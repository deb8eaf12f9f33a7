// What stops and starts the lane as a whole: its collection, operators, dead letters at their bound.
#include <fmt/format.h>

#include <ranges>
#include <utility>

#include "base/log.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/planned.hpp"

namespace halcyon::pipeline {

void Lane::open(std::map<Namespace, render::Route> routes) {
    routes_ = std::move(routes);
    open_ = true;
    wake();
}

void Lane::shut(std::string reason) {
    open_ = false;
    shut_reason_ = std::move(reason);
    // What is half written is written from its beginning: the collection that opens may be another one.
    for (auto queue = std::exchange(queue_, {}); auto& p : queue | std::views::reverse) {
        queued_points_ -= p->points;
        queued_bytes_ -= p->write_bytes;
        write_again(p);
    }
    for (auto batches = std::exchange(suspects_, {}); auto& batch : batches)
        for (auto& p : batch) write_again(p);
    for (auto held = std::exchange(held_back_, {}); auto& p : held) write_again(p);
    for (auto at = embedding_.begin(); at != embedding_.end();) {
        const auto p = at->second;
        if (p->first == 0) {
            ++at;
            continue;
        }
        for (auto& job : p->jobs) job->abandoned = true;
        at = embedding_.erase(at);
        plan_again(p);
    }
}

std::string Lane::paused_reason() const {
    if (halted_) return "paused by an operator";
    if (!open_) return shut_reason_;
    if (full_)
        return fmt::format(
            "{} dead letters, the most that dead_letters.max allows: `halcyon dead-letters list` shows them; "
            "it goes on when some were retried or dropped",
            letters_);
    if (breaker_.open()) return breaker_reason_;
    if (embed_.paused()) return embed_.paused_reason();
    return {};
}

void Lane::halt(bool on) {
    halted_ = on;
    wake();
}

/// Without room the collection pauses: as many documents cannot all be at fault, and every attempt may cost
/// an embedding.
bool Lane::room_for_letter() {
    if (letters_ < options_.dead_letters) return true;
    if (!std::exchange(full_, true)) log::error("dead", "{} is paused: {}", name().value(), paused_reason());
    return false;
}

void Lane::know_letters(std::uint64_t stored) {
    letters_ = stored;
    if (!full_ || letters_ >= options_.dead_letters) return;
    full_ = false;
    log::info("dead", "{}: there is room for dead letters again, it goes on", name().value());
    wake();
}

}  // namespace halcyon::pipeline
