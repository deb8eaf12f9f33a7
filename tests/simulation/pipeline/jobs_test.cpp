// What operators start and stop, in single situations. The histories of laws_test.cpp do so at random.
#include "simulation/pipeline/jobs.hpp"

using namespace halcyon;
using namespace halcyon::simulation;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a paused collection writes nothing, puts its changes aside, and stays paused over a restart") {
    Settled world(20);
    const auto paused = world.ask(world.flow().pause(alpha));
    REQUIRE(paused->has_value());
    CHECK(paused->value() == std::vector{alpha});
    world.target.silent.insert(alpha);
    for (int i = 0; i < 200; ++i) world.change();
    world.run_for(minutes(5));
    CHECK(world.status().collections[0].paused_by_operator);
    const auto owed_of_alpha = [&] {
        const auto owed = world.disk->tables().owed;
        return std::count_if(owed.begin(), owed.end(),
                             [](const auto& note) { return note.first.collection == alpha; });
    };
    CHECK(owed_of_alpha() > 0);
    SECTION("an orderly stop") { world.stop_orderly(); }
    SECTION("a loss of power") { world.power_loss(); }
    world.start();
    world.run_for(minutes(5));
    CHECK(world.status().collections[0].paused_by_operator);
    CHECK_FALSE(world.status().collections[1].paused);
    CHECK(list(world.target.violations).empty());
    world.target.silent.clear();
    REQUIRE(world.ask(world.flow().resume(std::nullopt))->has_value());
    CHECK(world.settle(hours(1)));
    CHECK(list(world.differences()).empty());
}

TEST_CASE("whoever is gone before a pause is taken back has not left it half taken back") {
    Settled world(5);
    REQUIRE(world.ask(world.flow().pause(alpha))->has_value());
    CHECK_FALSE(world.ask(world.flow().resume(alpha), 1));
    world.run_for(seconds(5));
    const bool paused = world.status().collections[0].paused_by_operator;
    world.kill();
    world.start();
    world.run_for(seconds(5));
    CHECK(world.status().collections[0].paused_by_operator == paused);
}

TEST_CASE("an unknown collection is not paused") {
    Settled world(5);
    const auto answer = world.ask(world.flow().pause(CollectionName("none")));
    REQUIRE(answer->has_error());
    CHECK(answer->error().cause == Cause::not_found);
}

TEST_CASE("a backfill where nothing differs embeds and writes nothing") {
    Settled world(40);
    const auto embedded = world.model.embedded;
    const auto writes = world.target.writes;
    const auto mode = GENERATE(BackfillMode::incremental, BackfillMode::skip_if_exists);
    const auto done = finish(world, begin(world, of_alpha(mode)));
    CHECK(done.state == JobState::done);
    CHECK(done.scanned() == 40);
    CHECK(done.result->unchanged == 40);
    CHECK(done.result->embedded + done.result->written + done.result->removed == 0);
    CHECK(world.model.embedded == embedded);
    CHECK(world.target.writes == writes);
}

TEST_CASE("a full backfill embeds and writes every document again") {
    Settled world(40);
    const auto embedded = world.model.embedded;
    const auto done = finish(world, begin(world, of_alpha(BackfillMode::full)));
    CHECK(done.state == JobState::done);
    CHECK(done.result->embedded == 40);
    CHECK(done.result->written == 40);
    CHECK(done.result->unchanged == 0);
    CHECK(world.model.embedded == embedded + 40);
    CHECK(list(world.differences()).empty());
}

TEST_CASE("what exists is passed by, what is missing is sent") {
    World world(3);
    world.settings.snapshot = false;
    fill_unseen(world, 40);
    world.start();
    REQUIRE(world.settle(hours(1)));
    CHECK(world.target.collections.at(alpha).points.empty());
    const auto first = finish(world, begin(world, of_alpha(BackfillMode::skip_if_exists)));
    CHECK(first.result->written == 40);
    const auto second = finish(world, begin(world, of_alpha(BackfillMode::skip_if_exists)));
    CHECK(second.result->written == 0);
    CHECK(second.result->unchanged == 40);
}

TEST_CASE("a dry run counts what a backfill would do, and does nothing of it") {
    World world(3);
    world.settings.snapshot = false;
    fill_unseen(world, 30);
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto writes = world.target.writes;
    auto q = of_alpha(BackfillMode::incremental);
    q.dry_run = true;
    const auto dry = finish(world, begin(world, q));
    REQUIRE(dry.cost);
    CHECK(dry.cost->documents == 30);
    CHECK(dry.cost->embed == 30);
    CHECK(dry.cost->texts == 30);
    CHECK_FALSE(dry.result);
    CHECK(world.target.writes == writes);
    q.dry_run = false;
    const auto wet = finish(world, begin(world, q));
    CHECK(wet.result->embedded == dry.cost->texts);
    q.dry_run = true;
    CHECK(finish(world, begin(world, q)).cost->unchanged == 30);
    q.mode = BackfillMode::full;
    CHECK(finish(world, begin(world, q)).cost->embed == 30);
    q.mode = BackfillMode::skip_if_exists;
    CHECK(finish(world, begin(world, q)).cost->unchanged == 30);
}

TEST_CASE("a dry run that is paused again and again counts nothing twice") {
    Settled world(400);
    world.source.faults.longest_delay = seconds(1);
    auto q = of_alpha(BackfillMode::incremental);
    q.dry_run = true;
    const auto id = begin(world, q);
    for (std::uint64_t counted = 40; counted < 240; counted += 40) {
        REQUIRE(world.run_until([&] { return job(world, id).scanned() > counted; }, minutes(10)));
        act(world, id, JobControl::Act::pause);
        world.run_for(seconds(2));
        act(world, id, JobControl::Act::resume);
    }
    const auto done = finish(world, id);
    REQUIRE(done.cost);
    CHECK(done.cost->documents == 400);
}

TEST_CASE("a dry run that begins anew after a kill counts nothing twice") {
    Settled world(40);
    for (int i = 0; i < 100; ++i)
        world.source.put({"shop", "notes"},
                         Document::from_json("{\"_id\":" + std::to_string(i) + ",\"u\":\"u\"}").value());
    REQUIRE(world.settle(hours(1)));
    world.source.faults.longest_delay = seconds(1);
    BackfillRequest q;
    q.collection = CollectionName("beta");
    q.dry_run = true;
    const auto id = begin(world, q);
    REQUIRE(world.run_until([&] { return job(world, id).routes.at(0).state == "done"; }, minutes(10)));
    world.run_for(seconds(2));
    REQUIRE(job(world, id).state == JobState::running);
    world.kill();
    world.start();
    const auto done = finish(world, id);
    REQUIRE(done.cost);
    CHECK(done.cost->documents == 140);
}

TEST_CASE("a second job of a route is refused with the first one's id, another route's is not") {
    Settled world(40);
    world.source.faults.longest_delay = seconds(2);
    const auto id = begin(world, of_alpha(BackfillMode::incremental));
    const auto second = world.ask(world.jobs().start({}));
    REQUIRE(second->has_error());
    CHECK(second->error().cause == Cause::conflict);
    CHECK(second->error().context == id);
    auto other = of_alpha(BackfillMode::incremental);
    other.collection = CollectionName("beta");
    CHECK(world.ask(world.jobs().start(other))->has_value());
    other.collection = CollectionName("none");
    CHECK(world.ask(world.jobs().start(other))->error().cause == Cause::not_found);
    CHECK(finish(world, id).state == JobState::done);
}

TEST_CASE("a paused job reads nothing, and goes on where it stood, also after a restart") {
    Settled world(400);
    world.source.faults.longest_delay = seconds(1);
    const auto id = begin(world, of_alpha(BackfillMode::full));
    REQUIRE(world.run_until([&] { return job(world, id).scanned() > 40; }, minutes(10)));
    CHECK(act(world, id, JobControl::Act::pause) == JobState::paused);
    world.source.faults = {};
    world.run_for(minutes(2));
    const auto then = job(world, id);
    CHECK(then.scanned() < 400);
    SECTION("without one") {}
    SECTION("after a stop") {
        world.stop_orderly();
        world.start();
    }
    SECTION("after a kill") {
        world.kill();
        world.start();
    }
    world.run_for(minutes(2));
    const auto now = job(world, id);
    CHECK(now.state == JobState::paused);
    CHECK(now.scanned() == then.scanned());
    CHECK(now.result->written == then.result->written);
    CHECK(act(world, id, JobControl::Act::resume) == JobState::running);
    const auto done = finish(world, id);
    CHECK(done.state == JobState::done);
    // The last one of each range is read again.
    CHECK(done.scanned() >= 400);
    CHECK(done.scanned() <= 406);
    CHECK(done.result->embedded == done.scanned());
}

TEST_CASE("jobs are shown while MongoDB is away at the start, and cannot be changed before it is there") {
    Settled world(400);
    world.source.faults.longest_delay = seconds(1);
    const auto id = begin(world, of_alpha(BackfillMode::full));
    REQUIRE(world.run_until([&] { return job(world, id).scanned() > 20; }, minutes(10)));
    world.kill();
    world.source.faults.reader_fails = 1;
    world.start();
    world.run_for(minutes(1));
    CHECK(job(world, id).state == JobState::running);
    CHECK(job(world, id).waits_for == "it is starting");
    for (const auto& which : {id, std::string("none")}) {
        const auto answer = world.ask(world.jobs().act(which, JobControl::Act::cancel));
        REQUIRE(answer);
        REQUIRE(answer->has_error());
        CHECK(answer->error().cause == Cause::unavailable);
    }
    world.source.faults = {};
    CHECK(finish(world, id).state == JobState::done);
}

TEST_CASE("what has ended cannot be paused, resumed or cancelled, and what nobody knows neither") {
    Settled world(5);
    const auto id = begin(world, of_alpha(BackfillMode::incremental));
    finish(world, id);
    for (const auto what : {JobControl::Act::pause, JobControl::Act::resume, JobControl::Act::cancel}) {
        CHECK(world.ask(world.jobs().act(id, what))->error().cause == Cause::conflict);
        CHECK(world.ask(world.jobs().act("none", what))->error().cause == Cause::not_found);
    }
}

TEST_CASE("a job that is cancelled stays so, and the route need not be compared again") {
    Settled world(400);
    world.source.faults.longest_delay = seconds(1);
    const auto id = begin(world, of_alpha(BackfillMode::full));
    REQUIRE(world.run_until([&] { return job(world, id).scanned() > 20; }, minutes(10)));
    CHECK(act(world, id, JobControl::Act::cancel) == JobState::cancelled);
    world.source.faults = {};
    world.run_for(minutes(1));
    const auto written = world.target.writes;
    SECTION("in this life") {}
    SECTION("after a kill") {
        world.kill();
        world.start();
    }
    REQUIRE(world.settle(hours(1)));
    const auto now = job(world, id);
    CHECK(now.state == JobState::cancelled);
    CHECK(now.scanned() < 400);
    CHECK(world.target.writes == written);
    CHECK(world.status().routes[0].phase == "done");
    CHECK(world.status().collections[0].stats.skipped + now.result->written <= 400);
    CHECK(list(world.differences()).empty());
}

TEST_CASE("a gap voids what a paused job has read, and it compares everything") {
    World world(3);
    world.settings.snapshot = false;
    fill_unseen(world, 400);
    world.start();
    REQUIRE(world.settle(hours(1)));
    world.source.faults.longest_delay = seconds(1);
    const auto id = begin(world, of_alpha(BackfillMode::incremental));
    REQUIRE(world.run_until([&] { return job(world, id).scanned() > 200; }, minutes(10)));
    act(world, id, JobControl::Act::pause);
    world.source.faults = {};
    world.run_for(minutes(1));
    world.kill();
    for (int i = 0; i < 400; ++i)
        world.source.put(items,
                         Document::from_json("{\"_id\":" + std::to_string(i) + ",\"t\":\"new\"}").value());
    world.source.lose_history();
    world.start();
    REQUIRE(world.settle(hours(1)));
    act(world, id, JobControl::Act::resume);
    CHECK(finish(world, id).state == JobState::done);
    REQUIRE(world.settle(hours(1)));
    auto wrong = world.differences();
    std::erase_if(wrong, [](const auto& line) { return line.find("beta") != line.npos; });
    CHECK(list(wrong).empty());
}

TEST_CASE("at most 100 jobs are kept, those that ended first go first") {
    Settled world(1);
    std::vector<std::string> ids;
    for (int i = 0; i < 103; ++i) {
        ids.push_back(begin(world, of_alpha(BackfillMode::skip_if_exists)));
        finish(world, ids.back());
    }
    world.kill();
    world.start();
    REQUIRE(world.settle(hours(1)));
    const auto kept = world.jobs().jobs();
    CHECK(kept.size() == 100);
    CHECK(kept.front().id == ids.back());
    CHECK(job(world, ids[2]).id.empty());
    CHECK_FALSE(job(world, ids[3]).id.empty());
}
