#include "simulation/world/operators.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace halcyon::simulation {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

bool ended(JobState s) { return s != JobState::running && s != JobState::paused; }

}  // namespace

void Operators::act() {
    switch (world_.random.below(5)) {
        case 0:
            return pause(world_.random.below(2) == 0);
        case 1:
            return start_job();
        case 2:
            return change_their_mind();
        default:
            return change_job();
    }
}

/// Some operators do not wait for the answer.
std::uint64_t Operators::patience() { return world_.random.below(4) == 0 ? 1 + world_.random.below(40) : 0; }

std::optional<CollectionName> Operators::some_collection() {
    const auto& all = world_.settings.collections;
    const auto n = world_.random.below(all.size() + 1);
    return n == all.size() ? std::nullopt : std::optional(all[n].spec.name);
}

void Operators::pause(bool on) {
    const auto which = some_collection();
    std::vector<CollectionName> names;
    for (const auto& c : world_.settings.collections)
        if (!which || c.spec.name == *which) names.push_back(c.spec.name);
    log::debug("world", "an operator {} {}", on ? "pauses" : "resumes",
               which ? which->value() : "everything");
    for (const auto& name : names) {
        paused_[name] = std::nullopt;
        world_.target.silent.erase(name);
    }
    auto& flow = world_.flow();
    const auto answer = world_.ask(on ? flow.pause(which) : flow.resume(which), patience());
    if (!answer || answer->has_error()) return;
    for (const auto& name : names) {
        paused_[name] = on;
        if (on) world_.target.silent.insert(name);
    }
}

void Operators::start_job() {
    auto& random = world_.random;
    BackfillRequest q;
    q.collection = some_collection();
    if (random.below(3) == 0) q.ns = world_.settings.routes[random.below(world_.settings.routes.size())].from;
    q.mode = static_cast<BackfillMode>(random.below(3));
    q.dry_run = random.below(5) == 0;
    if (random.below(4) == 0) q.max_pending = 1 + random.below(20);
    const auto answer = world_.ask(world_.jobs().start(q), patience());
    if (!answer) return;
    if (answer->has_value()) {
        log::debug("world", "an operator starts {}", answer->value().id);
        told_[answer->value().id] = answer->value().state;
    } else if (answer->error().cause == Cause::conflict) {
        const auto other = shown(answer->error().context);
        if (!other) violations.push_back("a job is refused for one that nobody knows");
    }
}

/// A job of everything, which is cancelled while its documents wait with changes of before.
void Operators::change_their_mind() {
    auto& random = world_.random;
    for (auto n = random.below(20); n > 0; --n) world_.change();
    BackfillRequest q;
    q.mode = BackfillMode::full;
    const auto started = world_.ask(world_.jobs().start(q));
    if (!started || started->has_error()) return;
    const auto id = started->value().id;
    told_[id] = started->value().state;
    world_.run_steps(random.below(300));
    pause(true);
    for (auto n = random.below(6); n > 0; --n) world_.change();
    world_.run_steps(random.below(200));
    told_[id] = std::nullopt;
    const auto cancelled = world_.ask(world_.jobs().act(id, JobControl::Act::cancel));
    if (cancelled && cancelled->has_value()) told_[id] = cancelled->value().state;
}

void Operators::change_job() {
    const auto all = world_.jobs().jobs();
    if (all.empty()) return;
    const auto job = all[world_.random.below(std::min<std::size_t>(all.size(), 4))];
    const auto what = static_cast<JobControl::Act>(world_.random.below(3));
    const auto answer = world_.ask(world_.jobs().act(job.id, what), patience());
    log::debug("world", "an operator changes {} ({}): {}", job.id, static_cast<int>(what),
               !answer               ? "not answered"
               : answer->has_error() ? describe(answer->error())
                                     : to_string(answer->value().state));
    if (!answer)
        told_[job.id] = std::nullopt;
    else if (answer->has_value())
        told_[job.id] = answer->value().state;
    else if (answer->error().cause != Cause::conflict)
        told_[job.id] = std::nullopt;
}

std::optional<Job> Operators::shown(const std::string& id) const {
    for (auto& job : world_.jobs().jobs())
        if (job.id == id) return job;
    return std::nullopt;
}

void Operators::check() {
    const auto unknown = [](const auto& known) { return !known.second; };
    // What was not answered is stored by then, or never.
    if (std::any_of(paused_.begin(), paused_.end(), unknown) ||
        std::any_of(told_.begin(), told_.end(), unknown))
        world_.run_for(seconds(2));
    const auto status = world_.status();
    // Before that it may not have read its state; and where nothing can be stored nothing was promised.
    if (!status.streaming || !status.failure.empty()) return;
    for (const auto& c : status.collections) {
        auto& known = paused_[CollectionName(c.name)];
        if (known && *known != c.paused_by_operator)
            violations.push_back(fmt::format("{} is {}paused, and that is not what an operator was told",
                                             c.name, c.paused_by_operator ? "" : "not "));
        known = c.paused_by_operator;
        if (c.paused_by_operator) world_.target.silent.insert(CollectionName(c.name));
    }
    for (auto& [id, state] : told_) {
        const auto job = shown(id);
        if (!job) {
            if (state) violations.push_back(id + " is forgotten");
            state.reset();
            continue;
        }
        const bool may_be =
            !state || *state == job->state || (*state == JobState::running && ended(job->state));
        if (!may_be)
            violations.push_back(fmt::format("{} is {}, and an operator was told {}", id,
                                             to_string(job->state), to_string(*state)));
        if (job->state == JobState::cancelled && state && *state == JobState::running)
            violations.push_back(id + " is cancelled, and nobody wanted that");
        state = job->state;
    }
}

void Operators::resume_all() {
    for (auto& [name, known] : paused_) known.reset();
    world_.target.silent.clear();
    world_.run_until(
        [&] {
            const auto answer = world_.ask(world_.flow().resume(std::nullopt));
            return answer && answer->has_value();
        },
        hours(1));
    for (const auto& job : world_.jobs().jobs())
        if (job.state == JobState::paused) {
            told_[job.id] = std::nullopt;
            (void)world_.ask(world_.jobs().act(job.id, JobControl::Act::resume));
        }
}

void Operators::see_jobs_end() {
    int turns = 0;
    const auto all_ended = [&] {
        if (++turns % 20 == 0) world_.pulse();
        const auto all = world_.jobs().jobs();
        return std::all_of(all.begin(), all.end(), [](const Job& j) { return ended(j.state); });
    };
    if (world_.run_until(all_ended, hours(2))) return;
    for (const auto& job : world_.jobs().jobs())
        if (!ended(job.state))
            violations.push_back(fmt::format("{} does not end: {}", job.id, job.waits_for));
}

/// It is paused somewhere, perhaps the program dies, and it goes on.
void Operators::interrupt(const std::string& id) {
    auto& random = world_.random;
    world_.run_steps(random.below(random.below(2) == 0 ? 400 : 60));
    (void)world_.ask(world_.jobs().act(id, JobControl::Act::pause));
    world_.run_for(seconds(random.below(10)));
    if (random.below(2) == 0) {
        world_.kill();
        world_.start();
        world_.settle(hours(1));
    }
    (void)world_.ask(world_.jobs().act(id, JobControl::Act::resume));
}

bool Operators::backfill(BackfillMode mode, bool dry_run) {
    BackfillRequest q;
    q.dry_run = dry_run;
    q.mode = mode;
    std::optional<Result<Job>> answer;
    world_.run_until(
        [&] {
            answer = world_.ask(world_.jobs().start(q));
            return answer && answer->has_value();
        },
        hours(1));
    if (!answer || answer->has_error()) return false;
    const auto id = answer->value().id;
    for (auto n = world_.random.below(3); n > 0; --n) interrupt(id);
    see_jobs_end();
    const auto job = shown(id);
    return job && job->state == JobState::done;
}

}  // namespace halcyon::simulation
