// The pure decisions of the pipeline, as scripts.
#include <catch2/catch.hpp>

#include "pipeline/decide/ack_tracker.hpp"
#include "pipeline/decide/distrust.hpp"
#include "pipeline/decide/key_sequencer.hpp"
#include "pipeline/decide/own_failures.hpp"
#include "pipeline/decide/planner.hpp"
#include "pipeline/decide/service_proof.hpp"
#include "pipeline/namespaces.hpp"

using namespace halcyon;
using namespace halcyon::pipeline;

namespace {

Version at(std::uint32_t time, std::uint32_t operation = 0) { return {1, {time, 1}, operation}; }

DocumentKey key(int id) {
    const auto document = Document::from_json("{\"_id\":" + std::to_string(id) + "}").value();
    return {{"shop", "items"}, DocId::of(document.bson()).value()};
}

struct Settled final : Settler {
    std::vector<std::uint64_t> numbers;
    void settle(std::uint64_t n) override { numbers.push_back(n); }
};

Work work(int id, Version version, std::shared_ptr<Settled> settled = nullptr, std::uint64_t number = 0) {
    Work w;
    w.key = key(id);
    w.version = version;
    if (settled) w.tickets.push_back(std::make_shared<Ticket>(Ticket{settled, number, 1}));
    return w;
}

std::vector<int> advance(AckTracker<int>& tracker) {
    std::vector<int> passed;
    tracker.advance([&](int mark) { passed.push_back(mark); });
    return passed;
}

Receipt receipt(Version version, std::uint64_t text, std::uint64_t payload, std::uint32_t chunks = 1) {
    Receipt r;
    r.version = version;
    r.text = {1, text};
    r.payload = {1, payload};
    r.chunks = chunks;
    return r;
}

render::Wanted wanted(std::uint64_t text, std::uint64_t payload) {
    render::Wanted w;
    w.wanted = true;
    w.text_digest = {1, text};
    w.payload_digest = {1, payload};
    return w;
}

}  // namespace

TEST_CASE("the frontier never passes a ticket that is open") {
    AckTracker<int> tracker;
    const auto a = tracker.open(10), b = tracker.open(20), c = tracker.open(30);
    tracker.settle(b);
    tracker.settle(c);
    CHECK(advance(tracker).empty());
    CHECK(*tracker.oldest_open() == 10);
    tracker.settle(a);
    CHECK(advance(tracker) == std::vector{10, 20, 30});
    CHECK(tracker.size() == 0);
}

TEST_CASE("a ticket that settles twice, or after it passed, changes nothing") {
    AckTracker<int> tracker;
    const auto a = tracker.open(1);
    tracker.settle(a);
    tracker.settle(a);
    CHECK(tracker.unsettled() == 0);
    CHECK(advance(tracker) == std::vector{1});
    tracker.settle(a);
    const auto b = tracker.open(2);
    CHECK(b == a + 1);
    CHECK(advance(tracker).empty());
}

TEST_CASE("a ticket of several collections settles with the last of them") {
    auto settled = std::make_shared<Settled>();
    Ticket t{settled, 7, 2};
    settle(t);
    CHECK(settled->numbers.empty());
    settle(t);
    CHECK(settled->numbers == std::vector<std::uint64_t>{7});
    settle(t);
    CHECK(settled->numbers.size() == 1);
}

TEST_CASE("a key is never in flight twice, and the newest of what waits comes next") {
    KeySequencer s;
    auto settled = std::make_shared<Settled>();
    CHECK(s.admit(work(1, at(1))));
    CHECK_FALSE(s.admit(work(1, at(2), settled, 2)));
    CHECK_FALSE(s.admit(work(1, at(4), settled, 4)));
    CHECK_FALSE(s.admit(work(1, at(3), settled, 3)));
    CHECK(s.admit(work(2, at(3))));
    CHECK(s.in_flight() == 2);
    auto next = s.finish(key(1));
    REQUIRE(next);
    CHECK(next->version == at(4));
    CHECK(next->tickets.size() == 3);  // the superseded ones settle with it
    CHECK_FALSE(s.finish(key(1)));
    CHECK(s.in_flight() == 1);
}

TEST_CASE("what is not newer than the work in flight settles with that one") {
    KeySequencer s;
    auto settled = std::make_shared<Settled>();
    CHECK(s.admit(work(1, at(5))));
    CHECK_FALSE(s.admit(work(1, at(5), settled, 1)));
    CHECK_FALSE(s.admit(work(1, at(4), settled, 2)));
    CHECK(s.parked() == 0);
    CHECK(s.take_joined(key(1)).size() == 2);
    CHECK(s.take_joined(key(1)).empty());
}

TEST_CASE("a superseded work that had to ask makes its superseder ask") {
    KeySequencer s;
    CHECK(s.admit(work(1, at(1))));
    auto asking = work(1, at(2));
    asking.ask = true;
    CHECK_FALSE(s.admit(std::move(asking)));
    CHECK_FALSE(s.admit(work(1, at(3))));
    CHECK(s.finish(key(1))->ask);
}

TEST_CASE("numbers that MongoDB calls equal are one key") {
    KeySequencer s;
    CHECK(s.admit(work(5, at(1))));
    Work same;
    same.key = {{"shop", "items"},
                DocId::of(Document::from_json(R"({"_id":{"$numberDouble":"5.0"}})").value().bson()).value()};
    same.version = at(2);
    CHECK_FALSE(s.admit(std::move(same)));
}

TEST_CASE("works in flight before a version are found by namespace") {
    KeySequencer s;
    CHECK(s.admit(work(1, at(3))));
    CHECK(s.in_flight_before({"shop", "items"}, at(4)));
    CHECK_FALSE(s.in_flight_before({"shop", "items"}, at(3)));
    CHECK_FALSE(s.in_flight_before({"shop", "other"}, at(4)));
}

TEST_CASE("a failure counts against an item only if others succeeded since its last one") {
    OwnFailures outage;
    for (int i = 0; i < 100; ++i) outage.failed(7, Cause::unavailable);
    CHECK_FALSE(outage.suspect());
    outage.failed(8, Cause::unavailable);
    CHECK(outage.suspect());
    CHECK_FALSE(outage.given_up());
    outage.failed(8, Cause::timeout);
    CHECK_FALSE(outage.given_up());
    outage.failed(9, Cause::in_doubt);
    CHECK(outage.given_up());
}

TEST_CASE("what a service says of itself counts against nobody") {
    for (const auto cause : {Cause::rate_limited, Cause::unauthorized, Cause::not_found, Cause::disk_full,
                             Cause::conflict, Cause::unsupported}) {
        OwnFailures item;
        for (std::uint64_t successes = 0; successes < 10; ++successes) item.failed(successes, cause);
        CHECK_FALSE(item.suspect());
    }
}

TEST_CASE("what failed waits until the service has done something else") {
    ServiceProof proof;
    OwnFailures item;
    CHECK_FALSE(item.failed_before());
    CHECK_FALSE(item.waits(proof.successes()));
    item.failed(proof.successes(), Cause::unavailable);
    CHECK(item.failed_before());
    CHECK(item.waits(proof.successes()));
    proof.passed_test();
    CHECK_FALSE(item.waits(proof.successes()));
    item.failed(proof.successes(), Cause::unavailable);
    CHECK(item.suspect());
    CHECK(item.waits(proof.successes()));
    proof.took_something();
    CHECK_FALSE(item.waits(proof.successes()));
    OwnFailures refused;
    refused.failed(proof.successes(), Cause::rate_limited);
    CHECK_FALSE(refused.failed_before());
}

TEST_CASE("a document that fails alone is found out by two tests, and an outage by their failing") {
    ServiceProof proof;
    OwnFailures lone;
    unsigned sent = 0;
    while (!lone.given_up()) {
        if (lone.waits(proof.successes())) proof.passed_test();
        lone.failed(proof.successes(), Cause::in_doubt);
        ++sent;
    }
    CHECK(sent == 3);
    OwnFailures in_an_outage;
    in_an_outage.failed(proof.successes(), Cause::in_doubt);
    // No test passes: it waits, whatever the time.
    CHECK(in_an_outage.waits(proof.successes()));
    CHECK_FALSE(in_an_outage.suspect());
}

TEST_CASE("tests are no more frequent than probes, and prove only so much by themselves") {
    SeededRandom random(1);
    ServiceProof proof;
    const Instant start{std::chrono::hours(1)};
    auto now = start;
    for (int i = 0; i < 10; ++i) {
        CHECK(now >= proof.next_test());
        proof.began_test(now, random);
        now = proof.next_test();
    }
    CHECK(now - start > std::chrono::minutes(1));
    proof.took_something();
    proof.began_test(now, random);
    CHECK(proof.next_test() - now < std::chrono::seconds(1));

    for (unsigned i = 0; i < ServiceProof::bound; ++i) {
        CHECK(proof.tests_count());
        proof.spent_attempt();
        proof.passed_test();
    }
    CHECK_FALSE(proof.tests_count());
    proof.took_something();
    CHECK(proof.tests_count());
}

TEST_CASE(
    "what is owed is not believed until it was asked for, and everything while too much is owed or a scan "
    "runs") {
    Distrust few(2);
    few.doubt(key(1));
    few.doubt(key(2));
    few.doubt(key(2));
    CHECK(few.of(key(1)));
    CHECK_FALSE(few.of(key(3)));
    few.asked(key(1));
    CHECK_FALSE(few.of(key(1)));
    few.asked(key(2));
    CHECK_FALSE(few.any());

    Distrust many(2);
    for (int id = 1; id <= 3; ++id) many.doubt(key(id));
    CHECK(many.of(key(9)));
    for (int id = 1; id <= 3; ++id) many.asked(key(id));
    CHECK(many.of(key(9)));
    many.until_scanned();
    many.nothing_owed();
    CHECK(many.of(key(9)));
    many.scanned();
    CHECK_FALSE(many.any());
}

TEST_CASE("the planner embeds only what changed in what is embedded") {
    CHECK(plan(at(2), wanted(1, 1), std::nullopt) == Action::embed_and_upsert);
    CHECK(plan(at(2), wanted(1, 1), receipt(at(1), 1, 1)) == Action::skip);
    CHECK(plan(at(2), wanted(1, 2), receipt(at(1), 1, 1)) == Action::overwrite_payload);
    CHECK(plan(at(2), wanted(2, 1), receipt(at(1), 1, 1)) == Action::embed_and_upsert);
}

TEST_CASE("the planner applies only what is newer, and compares what is equally new") {
    CHECK(plan(at(1), wanted(2, 2), receipt(at(2), 1, 1)) == Action::superseded);
    CHECK(plan(at(1), {}, receipt(at(2), 1, 1)) == Action::superseded);
    CHECK(plan(at(2), wanted(2, 2), receipt(at(2), 1, 1)) == Action::embed_and_upsert);
}

TEST_CASE("what is not wanted is removed where it is held, and remembered where it is not") {
    CHECK(plan(at(2), {}, receipt(at(1), 1, 1)) == Action::remove);
    CHECK(plan(at(2), {}, std::nullopt) == Action::tombstone);
    auto deleted = receipt(at(1), 0, 0, 0);
    deleted.deleted = true;
    CHECK(plan(at(2), {}, deleted) == Action::tombstone);
    CHECK(plan(at(2), wanted(1, 1), deleted) == Action::embed_and_upsert);
}

TEST_CASE("a late upsert never brings a deleted document back") {
    auto deleted = receipt(at(5), 0, 0, 0);
    deleted.deleted = true;
    CHECK(plan(at(4), wanted(1, 1), deleted) == Action::superseded);
}

TEST_CASE("a dead namespace covers its states up to the tombstone, a dead database all of its namespaces") {
    DeadNamespaces dead;
    dead.add({{"shop", "items"}, at(5), false});
    dead.add({{"shop", "items"}, at(3), false});
    CHECK(dead.covers({"shop", "items"}, at(5)));
    CHECK_FALSE(dead.covers({"shop", "items"}, at(6)));
    CHECK_FALSE(dead.covers({"shop", "notes"}, at(1)));
    dead.add({{"shop", ""}, at(7), false});
    CHECK(dead.covers({"shop", "notes"}, at(7)));
    CHECK_FALSE(dead.covers({"shops", "notes"}, at(1)));
}
