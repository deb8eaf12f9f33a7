// The change feed at its bounds: large events, full budgets, silence, refusals.
#include <catch2/catch.hpp>

#include "contract/mongo/harness.hpp"
#include "contract/mongo/play.hpp"

using namespace halcyon;
using namespace halcyon::test;

TEST_CASE("an event over 16 MB is read by key, the next one whole again") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    player.queue("getMore", error_reply(10334, "BSONObj size: 31457634 (0x1E00162) is invalid."));
    player.queue("aggregate", cursor_reply("shop.a", 78, true, {key_only(2, 2), key_only(3, 3)}));
    player.queue("aggregate", cursor_reply("shop.a", 79, true, {upsert(3, 3)}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    const auto items = h.events(3);
    CHECK_FALSE(change(items[0]).needs_read);
    CHECK(change(items[1]).needs_read);
    CHECK(change(items[1]).document.empty());
    CHECK(change(items[1]).key.id == DocId::parse("2").value());
    CHECK_FALSE(change(items[2]).needs_read);
    CHECK(change(items[2]).key.id == DocId::parse("3").value());
    const auto sent = player.received("aggregate");
    CHECK(stage(sent.at(1)).find("updateLookup") == std::string::npos);
    CHECK(stage(sent.at(1)).find("826B00EA7C00000001") != std::string::npos);
    CHECK(stage(sent.at(2)).find("updateLookup") != std::string::npos);
    CHECK(stage(sent.at(2)).find("826B00EA7C00000002") != std::string::npos);
}

TEST_CASE("an event over 16 MB deep in a batch is reached in growing steps") {
    MongoPlayer player;
    const auto big = error_reply(10334, "BSONObj size: 31457634 is invalid.");
    player.queue("aggregate", big);
    player.queue("aggregate",
                 cursor_reply("shop.a", 1, true, {key_only(1, 1), key_only(2, 2), key_only(3, 3)}));
    player.queue("aggregate", big);
    player.queue("aggregate",
                 cursor_reply("shop.a", 2, true, {key_only(2, 2), key_only(3, 3), key_only(4, 4)}));
    player.queue("aggregate", cursor_reply("shop.a", 3, true, {upsert(4, 4)}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    const auto items = h.events(4);
    for (int i = 0; i < 4; ++i) {
        CHECK(change(items[i]).key.id == DocId::parse(std::to_string(i + 1)).value());
        CHECK(change(items[i]).needs_read == (i < 3));
    }
}

TEST_CASE("a full budget stops the thread, and freed bytes let it go on") {
    MongoPlayer player;
    const auto pad = fmt::format(R"(,"pad":"{}")", std::string(3000, 'x'));
    player.queue("aggregate",
                 cursor_reply("shop.a", 77, true, {upsert(1, 1, pad), upsert(2, 2, pad), upsert(3, 3, pad)}));
    FeedHarness h(options_for(player.uri()), one, 5000);
    REQUIRE(h.open());
    auto first = h.events(1);
    CHECK(h.budget->used() > 3000);
    // The second event has no room: while its thread waits, no getMore is sent.
    auto waiting = h.loop.start(h.feed->next(1));
    h.loop.wait(h.clock.sleep(std::chrono::milliseconds(100)));
    CHECK_FALSE(waiting->ended);
    CHECK(player.received("getMore").empty());
    SECTION("freed") {
        first.clear();
        auto second = h.loop.wait(waiting);
        REQUIRE(second);
        CHECK(change(second.value()[0]).key.id == DocId::parse("2").value());
    }
    SECTION("closed while it waits") {
        waiting->cancel();
        CHECK_THROWS(h.loop.wait(waiting));
        const auto before = std::chrono::steady_clock::now();
        h.loop.wait(h.feed->close());
        CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds(800));
        CHECK(h.budget->used() == first[0].lease.bytes());
    }
}

TEST_CASE("one event larger than the whole budget is let through alone") {
    MongoPlayer player;
    const auto pad = fmt::format(R"(,"pad":"{}")", std::string(20'000, 'x'));
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1, pad)}));
    FeedHarness h(options_for(player.uri()), one, 1000);
    REQUIRE(h.open());
    CHECK(change(h.events(1)[0]).document.size() > 20'000);
}

TEST_CASE("a document of 16 MB arrives") {
    MongoPlayer player;
    const auto pad = fmt::format(R"(,"pad":"{}")", std::string(16 * MiB - 200, 'x'));
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1, pad)}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open());
    CHECK(change(h.events(1)[0]).document.size() > 16 * MiB - 300);
}

TEST_CASE("closing an idle stream is prompt, and it can be opened again") {
    MongoPlayer player;
    player.on("aggregate", [](const PlayedCommand&) {
        return PlayedReply{PlayedReply::Kind::answer, cursor_reply("shop.a", 77, true, {})};
    });
    FeedHarness h(options_for(player.uri(), std::chrono::milliseconds(500)), one);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(h.open({{}, {1, 1}, false, false}));
        h.loop.until([&] { return player.received("getMore").size() > static_cast<std::size_t>(i); });
        const auto before = std::chrono::steady_clock::now();
        h.loop.wait(h.feed->close());
        CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(1));
    }
}

TEST_CASE("nobody there is an error to try again, and so is somebody who does not answer in time") {
    SECTION("refused") {
        unsigned port = 0;
        {
            port = MongoPlayer().port();
        }
        FeedHarness h(options_for(fmt::format("mongodb://127.0.0.1:{}/?directConnection=true", port)), one);
        const auto opened = h.open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().verdict == Verdict::retry);
        CHECK(opened.error().cause == Cause::unavailable);
    }
    SECTION("silent") {
        MongoPlayer player;
        player.on("aggregate", [](const PlayedCommand&) { return PlayedReply{PlayedReply::Kind::hang, {}}; });
        FeedHarness h(options_for(player.uri()), one);
        const auto before = std::chrono::steady_clock::now();
        const auto opened = h.open({}, std::chrono::milliseconds(300));
        REQUIRE_FALSE(opened);
        CHECK(opened.error().verdict == Verdict::retry);
        CHECK(opened.error().cause == Cause::timeout);
        CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
    }
}

TEST_CASE("a refused user is for an operator, and no secret is told") {
    MongoPlayer player;
    player.hello(R"({"saslSupportedMechs":["SCRAM-SHA-256"]})");
    player.queue("saslStart", error_reply(18, "Authentication failed."));
    player.on("saslStart", [](const PlayedCommand&) {
        return PlayedReply{PlayedReply::Kind::answer, error_reply(18, "Authentication failed.")};
    });
    FeedHarness h(options_for(player.uri("ann:s3cr3t@")), one);
    const auto opened = h.open();
    REQUIRE_FALSE(opened);
    INFO(describe(opened.error()));
    CHECK(opened.error().verdict == Verdict::fatal);
    CHECK(opened.error().cause == Cause::unauthorized);
    CHECK(opened.error().context.find("s3cr3t") == std::string::npos);
}

TEST_CASE("a server that is too old is named as such") {
    MongoPlayer player;
    player.hello(R"({"maxWireVersion":2})");
    FeedHarness h(options_for(player.uri()), one);
    const auto opened = h.open();
    REQUIRE_FALSE(opened);
    INFO(describe(opened.error()));
    CHECK(opened.error().verdict == Verdict::fatal);
    CHECK(opened.error().cause == Cause::unsupported);
}

TEST_CASE("a feed that dies without being closed leaves nothing behind it that hurts") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open());
    h.feed.reset();
    // The thread may just hold an event that it cannot hand over any more.
    h.loop.until([&] { return h.budget->used() == 0; });
}
