#include "simulation/world/history.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "simulation/world/operators.hpp"
#include "simulation/world/world.hpp"

namespace halcyon::simulation {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

async::Clock* traced = nullptr;

const CollectionName& one_of(World& world) {
    const auto& all = world.settings.collections;
    return all[world.random.below(all.size())].spec.name;
}

/// Something that no program is prepared for.
void strike(World& world, Operators& operators) {
    auto& random = world.random;
    const auto collection = [&] { return one_of(world); };
    switch (random.below(34)) {
        case 0:
            world.run_steps(random.below(400));
            world.kill();
            break;
        case 1:
            world.run_steps(random.below(400));
            world.power_loss();
            break;
        case 2:
            world.stop_orderly();
            break;
        case 3:
            world.source.lose_history();
            break;
        case 4:
            if (random.below(4) == 0) world.source.new_deployment();
            break;
        case 5:
            if (random.below(2) == 0) world.target.erase(collection());
            break;
        case 6:
            if (random.below(2) == 0) world.target.replace(collection());
            break;
        case 9:
            if (random.below(2) == 0) world.target.intrude(collection());
            break;
        case 10:
        case 11:
        case 12:
        case 13:
        case 14:
        case 15:
            operators.act();
            break;
        case 7:
            world.source.back_up();
            break;
        case 8:
            if (random.below(2) == 0 && world.status().streaming) world.restore();
            break;
        default:
            break;
    }
}

std::size_t points_of(const World& world) {
    std::size_t n = 0;
    for (const auto& [name, collection] : world.target.collections) n += collection.points.size();
    return n;
}

/// Where nothing is compared by itself, a backfill must do it. Yields what is wrong then.
std::vector<std::string> compare_by_job(World& world, Operators& operators) {
    const auto points = points_of(world);
    if (!operators.backfill(BackfillMode::incremental, true)) return {"a dry run is not done"};
    if (points_of(world) != points) return {"a dry run writes"};
    const auto mode = static_cast<BackfillMode>(world.random.below(3));
    if (!operators.backfill(mode)) return {"the last backfill is not done"};
    world.settle(hours(6));
    auto wrong = world.differences();
    if (mode != BackfillMode::skip_if_exists) return wrong;
    // What is held is not looked at.
    const auto is_held = [](const std::string& line) {
        return line.find(" receipt ") != line.npos && line.find("no receipt") == line.npos &&
               line.find(" deleted") == line.npos;
    };
    std::erase_if(wrong, [&](const std::string& line) {
        return line.starts_with("stale") || (line.starts_with("no dead letter") && is_held(line)) ||
               line.starts_with("orphan") || line.starts_with("dead letter of a document that is in order") ||
               (line.starts_with("missing") && line.find(" chunk 0") == line.npos);
    });
    return wrong;
}

}  // namespace

std::vector<std::string> history(std::uint64_t seed) {
    World world(seed, seed % 10 == 0 ? Store::rocksdb : Store::model);
    traced = &world.clock;
    auto& random = world.random;
    Operators operators(world);
    world.settings.snapshot = seed % 8 != 5;
    for (std::uint64_t i = random.below(30); i > 0; --i) world.change();
    world.storm();
    world.start();
    for (std::uint64_t step = 20 + random.below(60); step > 0; --step) {
        for (std::uint64_t n = random.below(8); n > 0; --n) world.change();
        world.run_for(milliseconds(random.below(random.below(8) == 0 ? 90'000 : 800)));
        if (random.below(8) == 0) world.storm();
        if (random.below(100) == 0) world.outage();
        strike(world, operators);
        if (world.running()) {
            operators.check();
            continue;
        }
        for (std::uint64_t n = random.below(6); n > 0; --n) world.change();
        if (random.below(6) == 0) world.edit_settings();
        if (random.below(world.misses_a_route() ? 2 : 8) == 0) world.toggle_route();
        if (random.below(10) == 0) world.target.intrude(one_of(world));
        // Without any event since the last comparison there is nothing to recognise the history by
        // (docs/guarantees.md).
        if (world.clean() && world.knows_an_event() && world.source.faults.foreign_tokens == 0 &&
            random.below(8) == 0)
            world.source.restore();
        world.run_for(milliseconds(random.below(5000)));
        world.start();
    }
    if (world.misses_a_route()) {
        world.kill();
        world.toggle_route();
        world.start();
    }
    world.calm();
    operators.resume_all();
    world.run_for(seconds(90));  // until a missing collection is noticed
    bool settled = world.settle(hours(6));
    operators.see_jobs_end();
    settled = settled && world.settle(hours(6));
    auto wrong = world.settings.snapshot ? world.differences() : compare_by_job(world, operators);
    wrong.insert(wrong.end(), operators.violations.begin(), operators.violations.end());
    if (!settled) wrong.insert(wrong.begin(), "it does not settle");
    if (!wrong.empty()) wrong.push_back(world.describe());
    traced = nullptr;
    return wrong;
}

void trace(void (*line)(const std::string&)) {
    log::Options options;
    options.level = log::Level::debug;
    options.listener = [line](log::Level, std::string_view component, std::string_view message) {
        const auto at = traced ? traced->now().time_since_epoch() : Duration{};
        line(fmt::format("{:>14.6f} {:<10} {}", std::chrono::duration<double>(at).count(), component,
                         message));
    };
    log::start(options);
}

}  // namespace halcyon::simulation
