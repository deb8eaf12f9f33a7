// Jobs as they are stored.
#include "jobs/records.hpp"

#include <catch2/catch.hpp>

using namespace halcyon;
using namespace halcyon::jobs;

namespace {

Record full_record() {
    Record r;
    auto& j = r.job;
    j.id = "20261128-010203-a1b2";
    j.request.collection = CollectionName("products");
    j.request.ns = Namespace{"shop", "products.of.old"};
    j.request.mode = BackfillMode::full;
    j.request.max_pending = 6000;
    j.state = JobState::paused;
    j.created.ms = j.started.ms = 1'800'000'000'001;
    j.updated.ms = 1'800'000'000'002;
    j.error = "a \"quoted\" reason";
    j.result = JobResult{1, 2, 3, 4};
    j.routes.push_back({{"shop", "products.of.old"}, CollectionName("products"), "running", 10, 20});
    j.routes.push_back({{"shop", "articles"}, CollectionName("products"), "waiting", 0, 0});
    SnapshotProgress p;
    p.ns = j.routes[0].from;
    p.collection = j.routes[0].to;
    p.route = digest_of("route");
    p.started = {3, {1'700'000'000, 7}, 0};
    p.scanned = 10;
    p.ranges = {{"", std::string("\x05\x00\xff", 3), std::string("\x01\x00", 2), false},
                {std::string("\x05\x00\xff", 3), "", "", true}};
    r.progress = {p, std::nullopt};
    return r;
}

}  // namespace

TEST_CASE("a record is read as it was written") {
    const auto written = full_record();
    const auto read = decode(encode(written));
    REQUIRE(read.has_value());
    CHECK(encode(read.value()) == encode(written));
    const auto& j = read.value().job;
    CHECK(j.id == written.job.id);
    CHECK(j.request == written.job.request);
    CHECK(j.state == JobState::paused);
    CHECK(j.error == written.job.error);
    CHECK(j.result->removed == 4);
    CHECK_FALSE(j.cost);
    REQUIRE(read.value().progress.size() == 2);
    const auto& p = *read.value().progress[0];
    CHECK(p.ns == written.job.routes[0].from);
    CHECK(p.route == digest_of("route"));
    CHECK(p.started == written.progress[0]->started);
    CHECK(p.ranges == written.progress[0]->ranges);
    CHECK_FALSE(read.value().progress[1]);
}

TEST_CASE("the cost of a dry run is part of its record") {
    auto record = full_record();
    record.job.request.dry_run = true;
    record.job.result.reset();
    record.job.cost = JobCost{1, 2, 3, 4, 5, 6, 7, 8};
    const auto read = decode(encode(record)).value();
    REQUIRE(read.job.cost);
    CHECK(read.job.cost->documents == 1);
    CHECK(read.job.cost->characters == 7);
    CHECK(read.job.cost->requests == 8);
    CHECK_FALSE(read.job.result);
}

TEST_CASE("a record that is damaged anywhere is refused, not guessed") {
    const auto good = encode(full_record());
    for (std::size_t cut = 0; cut < good.size(); ++cut)
        CHECK(decode(good.substr(0, cut)).error().cause == Cause::corrupted);
    const auto with = [&](std::string_view what, std::string_view instead) {
        auto text = good;
        text.replace(text.find(what), what.size(), instead);
        return decode(text);
    };
    CHECK(with("\"paused\"", "\"asleep\"").has_error());
    CHECK(with("\"full\"", "\"fuller\"").has_error());
    CHECK(with("6000", "-1").has_error());
    CHECK(with("0500ff", "0500f").has_error());
    CHECK(with("0500ff", "0500fg").has_error());
    CHECK(with("shop.articles", "articles").has_error());
    CHECK(with("[1,2,3,4]", "[1,2,3]").has_error());
    CHECK(decode("[]").has_error());
}

TEST_CASE("a record of a newer release is told from a damaged one") {
    auto text = encode(full_record());
    const std::string form = "\"form\":1";
    text.replace(text.find(form), form.size(), "\"form\":2");
    CHECK(decode(text).error().cause == Cause::unsupported);
}

TEST_CASE("slots have names of their own") {
    CHECK(slot_of(note_of(0)) == 0);
    CHECK(slot_of(note_of(slots - 1)) == slots - 1);
    CHECK_FALSE(slot_of("job/100"));
    CHECK_FALSE(slot_of("job/1"));
    CHECK_FALSE(slot_of("writer"));
    const auto found = records_of(
        {{"writer", "x"}, {note_of(4), encode(full_record())}, {note_of(5), "{"}, {note_of(6), ""}});
    REQUIRE(found.size() == 1);
    CHECK(found[0].first == 4);
}
