// The laws over seeded histories, and what single situations must cost. Seeds: HALCYON_SIM_SEEDS of them
// (default 200) from HALCYON_SIM_FROM (default 1). A failing seed is printed and replays exactly:
// tools/simulate --seed N --trace
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/log.hpp"
#include "simulation/world/history.hpp"
#include "simulation/world/world.hpp"

namespace {

using halcyon::simulation::World;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
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

std::string traced_lines;

}  // namespace

TEST_CASE("whatever goes wrong, no law is broken and both sides are equal in the end") {
    const auto from = number("HALCYON_SIM_FROM", 1);
    const auto seeds = number("HALCYON_SIM_SEEDS", 200);
    for (auto seed = from; seed < from + seeds; ++seed) {
        INFO("seed " << seed << "; replay: tools/simulate --seed " << seed << " --trace");
        const auto wrong = halcyon::simulation::history(seed);
        INFO(list(wrong));
        CHECK(wrong.empty());
    }
}

TEST_CASE("the same seed gives the same history") {
    const auto seed = GENERATE(3u, 10u);
    const auto run = [&] {
        traced_lines.clear();
        halcyon::simulation::trace([](const std::string& line) { traced_lines += line + "\n"; });
        halcyon::simulation::history(seed);
        halcyon::log::stop();
        return traced_lines;
    };
    const auto first = run();
    CHECK(first.size() > 1000);
    CHECK(first == run());
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
    CHECK(list(world.differences()).empty());
}

TEST_CASE("a collection that is down for an hour delays only itself") {
    World world(11);
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.target.down.insert(halcyon::CollectionName("alpha"));
    for (int i = 0; i < 1800; ++i) {
        world.change();
        world.run_for(seconds(2));
    }
    // A document of beta that fails by itself may be in doubt, and keep a sweep waiting.
    world.run_for(minutes(10));
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
    CHECK(list(world.differences()).empty());
}

TEST_CASE("a document that fails alone is tried again, ends as a dead letter, and pauses nothing") {
    World world(7);
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto embedded = world.model.embedded;
    // One that breaks the embedder, or one that breaks Qdrant.
    const auto* alone =
        GENERATE(R"({"_id":500,"t":"sickening","p":0})", R"({"_id":500,"t":"w1","p":"sick"})");
    world.source.put({"shop", "items"}, halcyon::Document::from_json(alone).value());
    bool paused = false;
    const auto alpha = [&] { return world.status().collections.front(); };
    const bool ended = world.run_until(
        [&] {
            paused = paused || alpha().paused;
            return alpha().letters > 0;
        },
        minutes(30));
    CHECK(ended);
    CHECK_FALSE(paused);
    CHECK(alpha().stats.failed == 4);
    // Of Qdrant's one the text itself, and after it nothing but the tests of the embedder's one.
    CHECK(world.model.embedded - embedded <= 20);
    REQUIRE(world.settle(hours(1)));
    CHECK(list(world.differences()).empty());
}

TEST_CASE("a collection with as many dead letters as it may have pauses and says so, until some are gone") {
    World world(7);
    world.settings.dead_letters = 2;
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto alpha = [&] { return world.status().collections.front(); };
    const auto put = [&](int id, const char* text) {
        const auto json = fmt::format(R"({{"_id":{},"t":"{}","p":0}})", id, text);
        world.source.put({"shop", "items"}, halcyon::Document::from_json(json).value());
    };
    for (int id = 500; id < 503; ++id) put(id, "sickening");
    REQUIRE(world.run_until([&] { return alpha().paused; }, hours(1)));
    CHECK(alpha().letters == 2);
    CHECK(alpha().reason.starts_with("2 dead letters, the most that dead_letters.max allows"));
    const auto failed = alpha().stats.failed;
    // Nothing is tried, and what comes waits.
    put(600, "w1");
    put(500, "w1");
    world.run_for(hours(3));
    CHECK(alpha().paused);
    CHECK(alpha().stats.failed == failed);
    CHECK(alpha().letters == 2);
    CHECK_FALSE(world.differences().empty());
    // One of them was mended: tried again, and all goes on. The third becomes a letter.
    halcyon::ReceiptKey mended{halcyon::CollectionName("alpha"),
                               {{"shop", "items"}, halcyon::DocId::from_json("500").value()}};
    REQUIRE(world.ask(world.documents().retry({mended}, {}))->has_value());
    CHECK(world.run_until([&] { return !alpha().paused && alpha().letters == 2; }, hours(1)));
    CHECK(world.settle(hours(1)));
    CHECK(list(world.differences()).empty());
}

TEST_CASE("an outage spends no attempts, however long it is and whoever else is well") {
    World world(8);
    world.start();
    REQUIRE(world.settle(hours(1)));
    const bool writes = GENERATE(true, false);
    (writes ? world.target.read_only : world.model.down) = true;
    for (int id = 600; id < 620; ++id) {
        const auto json = R"({"_id":)" + std::to_string(id) + R"(,"t":"w1 w2","u":"u1","p":1})";
        world.source.put({"shop", "items"}, halcyon::Document::from_json(json).value());
        world.run_for(seconds(20));
    }
    world.run_for(hours(3));
    for (const auto& c : world.status().collections) {
        CHECK(c.stats.failed == 0);
        CHECK(c.letters == 0);
    }
    world.calm();
    REQUIRE(world.settle(hours(1)));
    CHECK(list(world.differences()).empty());
}

TEST_CASE(
    "after a kill the receipts of what is owed are not believed until Qdrant was asked, and the others are") {
    World world(7);
    world.start();
    const auto put = [&](int id, const char* text) {
        const auto json = fmt::format(R"({{"_id":{},"t":"{}","p":0}})", id, text);
        world.source.put({"shop", "items"}, halcyon::Document::from_json(json).value());
    };
    put(500, "first");
    put(501, "first");
    REQUIRE(world.settle(hours(1)));
    // Its next state fails by itself for a while, then it is written, and the receipt is not stored any more.
    world.model.sick = "second";
    put(500, "second");
    const auto failed = [&] { return world.status().collections.front().stats.failed > 0; };
    REQUIRE(world.run_until(failed, minutes(5)));
    world.model.sick = "sickening";
    for (const auto before = world.target.writes; world.target.writes == before;) world.run_steps(1);
    world.kill();
    world.settings.retry.enabled = false;
    world.start();
    const auto streaming = [&] {
        return world.status().streaming && !world.status().collections.front().paused;
    };
    REQUIRE(world.run_until(streaming, minutes(5)));
    const auto asked = world.target.asked;
    put(501, "first");
    world.run_for(seconds(5));
    CHECK(world.target.asked == asked);
    put(500, "first");
    CHECK(world.settle(hours(1)));
    CHECK(list(world.differences()).empty());
}

TEST_CASE("how long the position will last is measured, and unknown while nobody can say it") {
    World world(5);
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.run_for(seconds(90));
    const auto& known = world.status().history;
    REQUIRE(known.left);
    CHECK(*known.left > seconds(0));
    world.source.faults.reader_fails = 1;
    world.run_for(seconds(90));
    CHECK_FALSE(world.status().history.left);
    CHECK_FALSE(world.status().history.low);
    CHECK_FALSE(world.status().history.unknown.empty());
    world.calm();
    world.run_for(seconds(90));
    CHECK(world.status().history.left);
}

TEST_CASE("what was in step before statuses were switched on gets one, once") {
    World world(6);
    world.statuses_off = true;
    world.start();
    const halcyon::Namespace items{"shop", "items"};
    for (int id = 500; id < 1700; ++id)
        world.source.put(items, halcyon::Document::from_json(R"({"_id":)" + std::to_string(id) +
                                                             R"(,"t":"w1","u":"","p":1})")
                                    .value());
    REQUIRE(world.settle(hours(1)));
    const auto restart = [&](bool off) {
        world.stop_orderly();
        REQUIRE(world.clean());
        world.statuses_off = off;
        world.start();
        REQUIRE(world.settle(hours(1)));
        world.run_for(seconds(60));
    };
    restart(false);
    CHECK(world.source.statuses == 1200);
    CHECK_FALSE(world.status().status_writeback->catching_up);
    restart(false);
    CHECK(world.source.statuses == 1200);
    // What happened while it was off is not known.
    restart(true);
    restart(false);
    CHECK(world.source.statuses == 2400);
    // A kill in the middle of a pass.
    world.kill();
    world.start();
    REQUIRE(world.run_until([&] { return world.source.statuses > 2400; }, minutes(5)));
    world.kill();
    world.start();
    world.run_for(minutes(5));
    CHECK(world.source.statuses >= 3600);
    CHECK(list(world.differences()).empty());
}

TEST_CASE("statuses that are written back come to rest, and are followed by no writes and no embeddings") {
    World world(6);
    REQUIRE(world.status_writeback());
    world.start();
    for (int i = 0; i < 60; ++i) world.change();
    const bool settled = world.settle(hours(1));
    INFO(world.describe());
    INFO(list(world.differences()));
    INFO(world.source.statuses);
    REQUIRE(settled);
    world.run_for(seconds(30));
    const auto statuses = world.source.statuses;
    CHECK(statuses > 10);
    const auto embedded = world.model.embedded;
    const auto writes = world.target.writes;
    world.run_for(seconds(300));
    CHECK(world.source.statuses == statuses);
    CHECK(world.model.embedded == embedded);
    CHECK(world.target.writes == writes);
    CHECK(list(world.differences()).empty());
}

namespace {

std::ptrdiff_t without_status(const World& world) {
    const auto& documents = world.source.documents({"shop", "items"});
    return std::count_if(documents.begin(), documents.end(), [](const auto& d) {
        return d.second.to_json().find("syncMetadata") == std::string::npos;
    });
}

void put(World& world, int documents) {
    for (int i = 0; i < documents; ++i)
        world.source.put(
            {"shop", "items"},
            halcyon::Document::from_json("{\"_id\":" + std::to_string(i) + ",\"u\":\"u\"}").value());
    const auto written = [&] {
        return world.status().collections[1].stats.confirmed == static_cast<std::uint64_t>(documents);
    };
    REQUIRE(world.run_until(written, hours(1)));
}

}  // namespace

TEST_CASE("an orderly stop waits for all statuses that are being written") {
    for (const std::uint64_t seed : {2, 6, 10, 14, 18}) {
        World world(seed);
        REQUIRE(world.status_writeback());
        world.start();
        REQUIRE(world.settle(hours(1)));
        world.source.faults.longest_delay = seconds(2);
        put(world, 1800);  // several batches
        world.stop_orderly();
        REQUIRE(world.clean());
        CHECK(without_status(world) == 0);
    }
}

TEST_CASE("statuses that an orderly stop could not write are made good after the next start") {
    World world(2);
    REQUIRE(world.status_writeback());
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.run_for(seconds(10));
    world.source.faults.reader_fails = 1;
    put(world, 20);
    world.stop_orderly();
    REQUIRE(world.clean());
    CHECK(without_status(world) > 0);
    world.source.faults = {};
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.run_for(seconds(60));
    CHECK(without_status(world) == 0);
}
