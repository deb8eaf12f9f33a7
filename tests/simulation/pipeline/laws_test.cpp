// Seeded histories: HALCYON_SIM_SEEDS of them (default 200) from HALCYON_SIM_FROM (default 1). A failing seed
// is printed and replays exactly: HALCYON_SIM_FROM=<seed> HALCYON_SIM_SEEDS=1.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "simulation/pipeline/world.hpp"

namespace {

using halcyon::simulation::World;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint64_t number(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string list(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& l : lines) all += "\n  " + l;
    return all;
}

/// Changes, faults, ends and beginnings in an order drawn from the seed; then calm, and both sides must be
/// equal.
void history(std::uint64_t seed) {
    World world(seed);
    auto& random = world.random;
    for (std::uint64_t i = random.below(30); i > 0; --i) world.change();
    world.storm();
    world.start();
    for (std::uint64_t step = 20 + random.below(60); step > 0; --step) {
        for (std::uint64_t n = random.below(8); n > 0; --n) world.change();
        world.run_for(milliseconds(random.below(random.below(8) == 0 ? 90'000 : 800)));
        if (random.below(8) == 0) world.storm();
        switch (random.below(24)) {
            case 0:
                world.kill();
                break;
            case 1:
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
                // Somebody deletes a collection behind our back.
                if (random.below(4) == 0) world.target.collections.erase(halcyon::CollectionName("alpha"));
                break;
            default:
                break;
        }
        if (!world.running()) {
            for (std::uint64_t n = random.below(6); n > 0; --n) world.change();
            world.run_for(milliseconds(random.below(5000)));
            world.start();
        }
    }
    world.calm();
    world.run_for(seconds(90));  // until a missing collection is noticed
    const bool settled = world.settle(hours(6));
    INFO(world.describe());
    const auto differences = world.differences();
    INFO(list(differences));
    REQUIRE(settled);
    REQUIRE(differences.empty());
}

}  // namespace

TEST_CASE("whatever goes wrong, both sides are equal in the end") {
    const auto from = number("HALCYON_SIM_FROM", 1);
    const auto seeds = number("HALCYON_SIM_SEEDS", 200);
    for (auto seed = from; seed < from + seeds; ++seed) {
        INFO("seed " << seed);
        history(seed);
    }
}

TEST_CASE("a snapshot of an unchanged namespace embeds nothing and writes nothing") {
    World world(7);
    for (int i = 0; i < 60; ++i) world.change();
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto embedded = world.model.embedded;
    const auto writes = world.target.writes;
    SECTION("after an orderly stop") { world.stop_orderly(); }
    SECTION("after a kill") { world.kill(); }
    SECTION("after a kill and lost history") {
        world.kill();
        world.source.lose_history();
    }
    world.start();
    REQUIRE(world.settle(hours(1)));
    CHECK(world.model.embedded == embedded);
    CHECK(world.target.writes == writes);
    CHECK(world.differences().empty());
}

TEST_CASE("a dead collection delays only itself") {
    World world(11);
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.target.down.insert(halcyon::CollectionName("alpha"));
    for (int i = 0; i < 400; ++i) {
        world.change();
        world.run_for(milliseconds(50));
    }
    world.run_for(seconds(30));
    const auto of = [&](const std::vector<std::string>& all, std::string_view name) {
        return std::count_if(all.begin(), all.end(), [&](const auto& l) {
            return l.find(name) != l.npos && l.find("owed") == l.npos && l.find("no dead") == l.npos;
        });
    };
    INFO(world.describe());
    INFO(list(world.differences()));
    CHECK(of(world.differences(), "beta") == 0);
    CHECK(of(world.differences(), "alpha") > 0);
    world.calm();
    REQUIRE(world.settle(hours(1)));
    INFO(list(world.differences()));
    CHECK(world.differences().empty());
}
