// What a job waits for, and what it may not do to others.
#include "simulation/pipeline/jobs.hpp"

using namespace halcyon;
using namespace halcyon::simulation;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// 200 documents are there; one is planned at a time, so that the others of a scan wait in the lane.
void begin_narrow(World& world) {
    world.settings.scan_window = 4096;
    world.settings.planned_bytes = 1;
    fill(world, 200);
    world.start();
    REQUIRE(world.settle(hours(1)));
}

}  // namespace

TEST_CASE("a job stands back while more documents wait than it may, says so, and goes on by itself") {
    Settled world(200);
    world.target.faults.longest_delay = seconds(3);
    auto q = of_alpha(BackfillMode::full);
    q.max_pending = 4;
    const auto id = begin(world, q);
    const auto says = [&] { return job(world, id).waits_for.starts_with("max_pending: "); };
    CHECK(world.run_until(says, minutes(10)));
    CHECK(finish(world, id).state == JobState::done);
}

TEST_CASE("a job says that its collection is paused, and a guard holds it until an operator lets it go on") {
    Settled world(200);
    SECTION("a pause") {
        REQUIRE(world.ask(world.flow().pause(alpha))->has_value());
        const auto id = begin(world, of_alpha(BackfillMode::incremental));
        const auto says = [&] {
            return job(world, id).waits_for == "alpha is paused: paused by an operator";
        };
        CHECK(world.run_until(says, minutes(1)));
        REQUIRE(world.ask(world.flow().resume(alpha))->has_value());
        CHECK(finish(world, id).state == JobState::done);
    }
    SECTION("a guard") {
        world.settings.max_embeddings = 1;
        world.stop_orderly();
        world.start();
        REQUIRE(world.settle(hours(1)));
        const auto id = begin(world, of_alpha(BackfillMode::full));
        const auto held = [&] { return job(world, id).waits_for.starts_with("the guard max_embeddings"); };
        CHECK(world.run_until(held, minutes(1)));
        world.flow().approve();
        CHECK(finish(world, id).state == JobState::done);
    }
}

TEST_CASE("a job of which all is read says that a guard holds the rest") {
    World world(3);
    begin_narrow(world);
    world.stop_orderly();
    world.settings.max_embeddings = 100;
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.target.faults.longest_delay = milliseconds(100);
    const auto id = begin(world, of_alpha(BackfillMode::full));
    world.run_for(minutes(1));
    CHECK(job(world, id).waits_for.starts_with("the guard max_embeddings"));
    world.flow().approve();
    CHECK(finish(world, id).state == JobState::done);
}

TEST_CASE("a job that is cancelled while a guard asks takes the question back") {
    Settled world(200);
    world.settings.max_delete_share = 0.05;
    world.settings.max_delete_free = 1;
    world.settings.snapshot = false;
    world.stop_orderly();
    for (int i = 0; i < 100; ++i) world.source.remove(items, number(i));
    fill_unseen(world, 0);
    world.source.lose_history();
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto id = begin(world, of_alpha(BackfillMode::incremental));
    const auto asks = [&] { return job(world, id).waits_for.starts_with("the guard max_delete_share"); };
    REQUIRE(world.run_until(asks, minutes(5)));
    CHECK(world.status().held.size() == 1);
    SECTION("cancelled") {
        act(world, id, JobControl::Act::cancel);
        world.run_for(seconds(5));
        CHECK(world.status().held.empty());
        CHECK(world.target.collections.at(alpha).points.size() == 200);
    }
    SECTION("approved") {
        world.flow().approve();
        CHECK(finish(world, id).result->removed == 100);
        CHECK(world.target.collections.at(alpha).points.size() == 100);
    }
}

TEST_CASE("a job that is cancelled gives up what waits, but not changes that wait with it") {
    Settled world(200);
    world.settings.max_embeddings = 1;
    world.stop_orderly();
    world.start();
    REQUIRE(world.settle(hours(1)));
    // Changes that the job meets before the stream tells of them.
    world.source.faults.feed_breaks = 1;
    for (int i = 0; i < 200; i += 4)
        world.source.put(items,
                         Document::from_json("{\"_id\":" + std::to_string(i) + ",\"t\":\"new\"}").value());
    const auto id = begin(world, of_alpha(BackfillMode::full));
    const auto held = [&] { return job(world, id).waits_for.starts_with("the guard max_embeddings"); };
    REQUIRE(world.run_until(held, minutes(5)));
    world.source.faults = {};
    world.run_for(minutes(1));
    const auto waited = world.status().collections[0].in_flight;
    act(world, id, JobControl::Act::cancel);
    world.run_for(seconds(10));
    CHECK(world.status().collections[0].in_flight < waited);
    world.flow().approve();
    REQUIRE(world.settle(hours(1)));
    CHECK(list(world.differences()).empty());
}

TEST_CASE("a job that is cancelled while it was paused gives up what still waits") {
    World world(3);
    begin_narrow(world);
    const auto embedded = world.model.embedded;
    world.target.faults.longest_delay = seconds(20);
    const auto id = begin(world, of_alpha(BackfillMode::full));
    const auto in_flight = [&] { return world.status().collections[0].in_flight; };
    REQUIRE(world.run_until([&] { return in_flight() > 150; }, minutes(10)));
    REQUIRE(world.ask(world.flow().pause(alpha))->has_value());
    act(world, id, JobControl::Act::pause);
    world.run_for(minutes(2));
    CHECK(in_flight() > 150);
    act(world, id, JobControl::Act::cancel);
    world.run_for(seconds(5));
    CHECK(in_flight() < 20);
    world.target.faults = {};
    REQUIRE(world.ask(world.flow().resume(alpha))->has_value());
    REQUIRE(world.settle(hours(1)));
    CHECK(world.model.embedded < embedded + 50);
    CHECK(list(world.differences()).empty());
}

TEST_CASE("nobody is asked whether more may be embedded for what nobody wants any more") {
    Settled world(20);
    world.settings.max_embeddings = 20;
    world.stop_orderly();
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto first = begin(world, of_alpha(BackfillMode::full));
    SECTION("a job is done, and the stream goes on") {
        CHECK(finish(world, first).state == JobState::done);
        fill(world, 30);
    }
    SECTION("a job is cancelled") {
        finish(world, first);
        const auto second = begin(world, of_alpha(BackfillMode::full));
        const auto asked = [&] { return !world.status().held.empty(); };
        REQUIRE(world.run_until(asked, minutes(1)));
        act(world, second, JobControl::Act::cancel);
    }
    world.run_for(seconds(10));
    CHECK(world.status().held.empty());
    CHECK(world.settle(minutes(10)));
}

TEST_CASE("a job that stands back closes its cursors") {
    Settled world(400);
    world.source.faults.longest_delay = seconds(1);
    const auto id = begin(world, of_alpha(BackfillMode::full));
    REQUIRE(world.run_until([&] { return job(world, id).scanned() > 20; }, minutes(10)));
    CHECK_FALSE(world.source.cursors.empty());
    REQUIRE(world.ask(world.flow().pause(alpha))->has_value());
    world.run_for(seconds(60));
    CHECK(world.source.cursors.empty());
    REQUIRE(world.ask(world.flow().resume(alpha))->has_value());
    CHECK(finish(world, id).state == JobState::done);
}

TEST_CASE("no tombstone goes while a job may still hand out what it deleted") {
    Settled world(1500);
    world.source.faults.longest_delay = seconds(10);
    const auto id = begin(world, of_alpha(BackfillMode::incremental));
    REQUIRE(world.run_until([&] { return !world.source.cursors.empty(); }, minutes(10)));
    const auto gone = number(1499);
    // So many that a pass is worth it.
    for (int i = 1300; i < 1500; ++i) world.source.remove(items, number(i));
    world.run_for(seconds(2));
    fill_unseen(world, 0);
    const auto stored = [&] {
        const auto receipts = world.disk->tables().receipts;
        const auto at = receipts.find({alpha, {items, gone}});
        return at != receipts.end() && at->second.deleted;
    };
    REQUIRE(world.run_until(stored, minutes(5)));
    CHECK(job(world, id).state == JobState::running);
    while (job(world, id).state == JobState::running) {
        CHECK(stored());
        world.run_for(seconds(2));
    }
    CHECK(job(world, id).state == JobState::done);
    world.source.faults = {};
    for (int i = 100; i < 110; ++i) world.change();
    CHECK(world.run_until([&] { return !stored(); }, minutes(5)));
}

TEST_CASE("what a job wrote before a kill is not lost sight of, whoever goes on with it") {
    World world(3);
    world.settings.snapshot = false;
    fill_unseen(world, 40);
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto id = begin(world, of_alpha(BackfillMode::skip_if_exists));
    while (world.target.collections.at(alpha).points.empty()) world.run_steps(1);
    act(world, id, JobControl::Act::pause);
    // Confirmed, and no receipt of it is stored.
    world.disk->fail_commits(Error{Verdict::fatal, Cause::disk_full, "full", {}});
    world.run_steps(200);
    world.kill();
    world.disk->fail_commits({});
    const auto held = world.target.collections.at(alpha).points.size();
    const auto known = [&] {
        const auto receipts = world.disk->tables().receipts;
        return static_cast<std::size_t>(std::count_if(receipts.begin(), receipts.end(), [](const auto& r) {
            return r.first.collection == alpha && !r.second.deleted;
        }));
    };
    world.start();
    CHECK(held > known());
    REQUIRE(world.run_until([&] { return world.status().streaming; }, minutes(5)));
    SECTION("nobody yet") {}
    SECTION("nobody at all") { act(world, id, JobControl::Act::cancel); }
    world.run_for(seconds(30));
    for (int i = 0; i < 40; ++i) world.source.remove(items, number(i));
    world.run_for(minutes(5));
    CHECK(world.target.collections.at(alpha).points.empty());
}

TEST_CASE("jobs of a program that is stopped are read from its state") {
    Settled world(10);
    const auto id = begin(world, of_alpha(BackfillMode::incremental));
    finish(world, id);
    const auto stored = world.ask(jobs::stored_jobs(&world.disk->reader()));
    REQUIRE(stored->has_value());
    REQUIRE(stored->value().size() == 1);
    CHECK(stored->value()[0].id == id);
    CHECK(stored->value()[0].state == JobState::done);
}
