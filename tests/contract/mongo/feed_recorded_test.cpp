// The change feed against recorded replies of MongoDB 4.2.8.
#include <catch2/catch.hpp>

#include "contract/mongo/harness.hpp"
#include "contract/mongo/play.hpp"

using namespace halcyon;
using namespace halcyon::test;

TEST_CASE("a recorded stream arrives in order, with versions that rise and documents that are whole") {
    MongoPlayer player;
    play(player, "stream of a collection, fullDocument updateLookup", "aggregate docs");
    FeedHarness h(options_for(player.uri()), {{"rec_b", "docs"}});
    REQUIRE(h.open({{}, {1795222136, 2}, false, false}));
    const auto items = h.events(events_in("stream of a collection, fullDocument updateLookup"));
    Version last;
    for (const auto& item : items) {
        if (!std::holds_alternative<ChangeEvent>(item.what)) continue;
        CHECK(change(item).version > last);
        last = change(item).version;
        CHECK(item.lease.bytes() > 0);
    }
    CHECK(change(items.back()).kind == ChangeEvent::Kind::remove);
    const auto sent = player.received("aggregate");
    REQUIRE(sent.size() == 1);
    CHECK(stage(sent[0]).find(R"("fullDocument" : "updateLookup")") != std::string::npos);
    CHECK(stage(sent[0]).find("startAtOperationTime") != std::string::npos);
    CHECK(stage(sent[0]).find("batchSize") != std::string::npos);
    for (const auto& more : player.received("getMore"))
        CHECK(json(more.bson).find("batchSize") != std::string::npos);
}

TEST_CASE("a transaction that touches a key twice arrives as two versions of it") {
    MongoPlayer player;
    play(player, "transaction", "aggregate txn");
    FeedHarness h(options_for(player.uri()), {{"rec_b", "txn"}});
    REQUIRE(h.open());
    const auto items = h.events(3);
    CHECK(change(items[0]).key == change(items[2]).key);
    CHECK(change(items[0]).version.time == change(items[2]).version.time);
    CHECK(change(items[0]).version < change(items[2]).version);
}

TEST_CASE("an idle stream moves its position on, and only when it moved") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {}, "826B00EA88000000092B0229296E04"));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({bson(R"({"_data":"826B00EA88000000092B0229296E04"})"), {0x6B00EA88, 9}, false, false}));
    auto waiting = h.loop.start(h.feed->next(10));
    h.loop.until([&] { return player.received("getMore").size() >= 3; });
    CHECK_FALSE(waiting->ended);
    player.idle_token("826B00EA880000000A2B0229296E04");
    const auto items = h.loop.wait(waiting);
    REQUIRE(items);
    REQUIRE(items.value().size() == 1);
    CHECK(std::holds_alternative<Heartbeat>(items.value()[0].what));
    CHECK(items.value()[0].position.time == ClusterTime{0x6B00EA88, 10});
    CHECK_FALSE(items.value()[0].position.of_event);
}

TEST_CASE("an event is handed over while the server still holds the next getMore open") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}, ""));
    player.on("getMore", [](const PlayedCommand&) { return PlayedReply{PlayedReply::Kind::hang, {}}; });
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open());
    CHECK(change(h.events(1)[0]).key.id == DocId::parse("1").value());
    // Nobody answers this thread any more: closing must not wait for the socket's time-out.
    const auto before = std::chrono::steady_clock::now();
    h.loop.wait(h.feed->close());
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds(1500));
}

TEST_CASE("a drop and its invalidation are one story: the stream goes on behind it") {
    MongoPlayer player;
    for (const auto& row : test::scenario("4.2.8", "resume, startAfter, invalidate"))
        if (row.name() == "getMore" && json(row.reply).find("invalidate") != std::string::npos) {
            player.queue("aggregate", cursor_reply("rec_b.resume", 7469768149464359984, true, {}));
            player.queue("getMore", row.reply);
            break;
        }
    player.queue("aggregate", cursor_reply("rec_b.resume", 78, true,
                                           {bson(event_json(R"("operationType":"insert",
        "ns":{"db":"rec_b","coll":"resume"},"documentKey":{"_id":"again"},"fullDocument":{"_id":"again"})",
                                                            99))}));
    FeedHarness h(options_for(player.uri()), {{"rec_b", "resume"}});
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    const auto items = h.events(3);
    CHECK(std::get<NamespaceGone>(items[0].what).reason == "drop");
    CHECK(std::holds_alternative<Heartbeat>(items[1].what));
    CHECK(items[1].position.invalidated);
    CHECK(change(items[2]).key.id == DocId::parse("\"again\"").value());
    const auto sent = player.received("aggregate");
    REQUIRE(sent.size() == 2);
    CHECK(stage(sent[1]).find("startAfter") != std::string::npos);
    CHECK(stage(sent[1]).find("resumeAfter") == std::string::npos);
}

TEST_CASE("a position that is an invalidation's is taken up with startAfter") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 7, true, {}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({bson(R"({"_data":"826B00EA84000000012B022C0100296F5A1004"})"), {1, 1}, true, true}));
    CHECK(stage(player.received("aggregate").at(0)).find("startAfter") != std::string::npos);
}

TEST_CASE("$out, recorded: the routed name is gone and must be scanned, and the stream goes on") {
    MongoPlayer player;
    play(player, "$out and $merge into a watched collection", "aggregate into");
    player.queue("aggregate", cursor_reply("rec_b.into", 79, true, {}));
    FeedHarness h(options_for(player.uri()), {{"rec_b", "into"}});
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    const auto items = h.events(2);
    const auto& gone = std::get<NamespaceGone>(items[0].what);
    CHECK(gone.rescan);
    CHECK(gone.reason == "$out");
    CHECK(items[1].position.invalidated);
    h.loop.until([&] { return player.received("aggregate").size() == 2; });
}

TEST_CASE("every _id type of a recorded stream arrives as a key of its own") {
    MongoPlayer player;
    play(player, "stream of every type of id", "aggregate ids");
    FeedHarness h(options_for(player.uri()), {{"rec_b", "ids"}});
    REQUIRE(h.open());
    std::size_t expected = 0;
    for (const auto& row : test::scenario("4.2.8", "stream of every type of id"))
        expected += row.batch().size();
    REQUIRE(expected > 20);
    const auto items = h.events(expected);
    for (const auto& item : items) CHECK_FALSE(item.position.token.empty());
}

TEST_CASE("routes over one database watch it, over several the deployment") {
    MongoPlayer player;
    SECTION("database") {
        player.queue("aggregate", cursor_reply("shop.$cmd.aggregate", 7, true, {}));
        FeedHarness h(options_for(player.uri()), {{"shop", "a"}, {"shop", "b"}});
        REQUIRE(h.open());
        const auto sent = player.received("aggregate").at(0);
        CHECK(sent.database == "shop");
        CHECK(stage(sent).find("allChangesForCluster") == std::string::npos);
    }
    SECTION("deployment") {
        player.queue("aggregate", cursor_reply("admin.$cmd.aggregate", 7, true, {}));
        FeedHarness h(options_for(player.uri()), {{"shop", "a"}, {"crm", "b"}});
        REQUIRE(h.open());
        const auto sent = player.received("aggregate").at(0);
        CHECK(sent.database == "admin");
        CHECK(stage(sent).find("allChangesForCluster") != std::string::npos);
    }
}

TEST_CASE("recorded failures at open come back with their verdicts") {
    struct Case {
        const char* file;
        int code;
        Verdict verdict;
        Cause cause;
    };
    for (const auto& c : {Case{"4.2.8-history-lost", 136, Verdict::resync, Cause::history_lost},
                          Case{"4.2.8", 260, Verdict::resync, Cause::invalid_position},
                          Case{"4.2.8-authorization", 13, Verdict::fatal, Cause::unauthorized},
                          Case{"4.2.8-standalone", 40573, Verdict::fatal, Cause::unsupported}}) {
        INFO(c.code);
        MongoPlayer player;
        for (const auto& row : recording(c.file))
            if (row.code() == c.code && row.name().starts_with("aggregate")) {
                player.queue("aggregate", row.failure);
                break;
            }
        FeedHarness h(options_for(player.uri()), {{"shop", "a"}, {"crm", "b"}});
        const auto opened = h.open({bson(R"({"_data":"82"})"), {5, 6}, true, false});
        REQUIRE_FALSE(opened);
        CHECK(opened.error().verdict == c.verdict);
        CHECK(opened.error().cause == c.cause);
        // After an error the feed is closed, and can be opened again.
        CHECK_FALSE(h.next());
        player.queue("aggregate", cursor_reply("admin.$cmd.aggregate", 7, true, {}));
        CHECK(h.open({{}, {5, 6}, false, false}));
    }
}

TEST_CASE("a position that is lost while the stream is open ends it with resync, behind what had arrived") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    for (const auto& row : recording("4.2.8-history-lost"))
        if (row.name() == "getMore" && row.code() == 136) player.queue("getMore", row.failure);
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open());
    CHECK(h.events(1).size() == 1);
    const auto error = h.failure();
    CHECK(error.verdict == Verdict::resync);
    CHECK(error.cause == Cause::history_lost);
    CHECK_FALSE(h.next());
}

TEST_CASE("a lost cursor and a lost connection are bridged behind the last event") {
    MongoPlayer player;
    const auto second = [](MongoPlayer& p) {
        p.queue("aggregate", cursor_reply("shop.a", 78, true, {upsert(2, 2)}));
    };
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    SECTION("43") { player.queue("getMore", error_reply(43, "cursor id 77 not found")); }
    SECTION("connection") { player.queue("getMore", PlayedReply{PlayedReply::Kind::hang_up, {}}); }
    second(player);
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    const auto items = h.events(2);
    CHECK(change(items[1]).key.id == DocId::parse("2").value());
    CHECK(stage(player.received("aggregate").at(1)).find("826B00EA7C00000001") != std::string::npos);
}
