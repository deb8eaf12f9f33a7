// The change feed at its bounds: large events, full budgets, silence, refusals.
#include <catch2/catch.hpp>

#include "contract/mongo/harness.hpp"
#include "contract/mongo/play.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

const auto too_large = error_reply(10334, "BSONObj size: 31457634 (0x1E00162) is invalid.");
const auto unknown_stage =
    error_reply(40324, "Unrecognized pipeline stage name: '$changeStreamSplitLargeEvent'");

bool splits(const PlayedCommand& aggregate) {
    return stage(aggregate).find("$changeStreamSplitLargeEvent") != std::string::npos;
}
/// Starts behind the event (or fragment) whose token ends so.
bool resumes(const PlayedCommand& aggregate, const std::string& token) {
    return stage(aggregate).find("826B00EA7C" + token + "\"") != std::string::npos;
}

/// Of two events.
void first_is_read_by_key(MongoPlayer& player) {
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    const auto items = h.events(2);
    CHECK(change(items[0]).needs_read);
    CHECK_FALSE(change(items[1]).needs_read);
}

}  // namespace

TEST_CASE("an event over 16 MB comes in fragments where the server can split it, and is one event") {
    MongoPlayer player;
    auto parts = halves(2, 2);
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    player.queue("getMore", too_large);
    player.queue("aggregate", cursor_reply("shop.a", 78, true, {parts[0]}));
    player.queue("getMore",
                 cursor_reply("shop.a", 78, false, {}, "826B00EA7C000000022B022C0100296E5A100104"));
    player.queue("getMore", cursor_reply("shop.a", 78, false, {parts[1]}));
    player.queue("getMore", cursor_reply("shop.a", 78, false, {upsert(3, 3)}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    std::vector<FeedItem> items;
    while (items.size() < 3) {
        auto more = h.next(10);
        REQUIRE(more);
        for (auto& item : more.value()) items.push_back(std::move(item));
    }
    CHECK_FALSE(change(items[1]).needs_read);
    CHECK(change(items[1]).document.to_json().find("half") != std::string::npos);
    CHECK(change(items[1]).version.time.increment == 2);
    CHECK(items[1].lease.bytes() > change(items[1]).document.size());
    // No stream goes on from a fragment's token.
    CHECK(items[1].position == Position{{}, {1795222140, 2}, false, false});
    CHECK(items[2].position.of_event);
    const auto sent = player.received("aggregate");
    REQUIRE(sent.size() == 2);
    CHECK_FALSE(splits(sent[0]));
    CHECK(splits(sent[1]));
    CHECK(resumes(sent[1], "000000012B022C0100296E5A10"));
}

TEST_CASE("fragments that a break tore apart are read again from before their event") {
    MongoPlayer player;
    const auto parts = halves(2, 2);
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    player.queue("getMore", too_large);
    player.queue("aggregate", cursor_reply("shop.a", 78, true, {parts[0]}));
    SECTION("the server finds another split behind the first one") {
        // The driver goes on by itself, behind the first fragment.
        player.queue("getMore", PlayedReply{PlayedReply::Kind::hang_up, {}});
        player.queue("aggregate", error_reply(280, "the resumed stream produced a different split"));
    }
    SECTION("the driver goes on, and the event comes whole") {
        player.queue("getMore", PlayedReply{PlayedReply::Kind::hang_up, {}});
        player.queue("aggregate", cursor_reply("shop.a", 79, true, {upsert(2, 2)}));
    }
    SECTION("another event comes") {
        player.queue("getMore", cursor_reply("shop.a", 78, false, {upsert(3, 3)}));
    }
    player.queue("aggregate", cursor_reply("shop.a", 80, true, {parts[0], parts[1], upsert(3, 3)}));
    FeedHarness h(options_for(player.uri()), one);
    REQUIRE(h.open({{}, {1, 1}, false, false}));
    std::vector<DocId> ids;
    while (ids.size() < 3) {
        const auto more = h.next(10);
        REQUIRE(more);
        for (const auto& item : more.value())
            if (std::holds_alternative<ChangeEvent>(item.what)) ids.push_back(change(item).key.id);
    }
    for (int i = 0; i < 3; ++i) CHECK(ids[i] == DocId::parse(std::to_string(i + 1)).value());
    const auto sent = player.received("aggregate");
    CHECK(resumes(sent.back(), "000000012B022C0100296E5A10"));
    CHECK(splits(sent.back()));
}

TEST_CASE("fragments that never fit together are given up for the key") {
    MongoPlayer player;
    const auto parts = halves(2, 2);
    player.queue("aggregate", too_large);
    for (int i = 0; i < 3; ++i) player.queue("aggregate", cursor_reply("shop.a", 78, true, {parts[1]}));
    player.queue("aggregate", cursor_reply("shop.a", 79, true, {key_only(2, 2)}));
    player.queue("aggregate", cursor_reply("shop.a", 80, true, {upsert(3, 3)}));
    first_is_read_by_key(player);
}

TEST_CASE("an event whose document alone is too large for a fragment is read by key") {
    MongoPlayer player;
    player.queue("aggregate", too_large);
    player.queue("aggregate", error_reply(7182500, "Splitting change event failed: fragment size 16790000"));
    player.queue("aggregate", cursor_reply("shop.a", 79, true, {key_only(2, 2)}));
    player.queue("aggregate", cursor_reply("shop.a", 80, true, {upsert(3, 3)}));
    first_is_read_by_key(player);
    // A fragment's token is understood only where the stage is named.
    const auto sent = player.received("aggregate");
    for (std::size_t i = 0; i < sent.size(); ++i) CHECK(splits(sent[i]) == (i > 0));
}

TEST_CASE("an event of which not even the key can be had is told as such") {
    MongoPlayer player;
    player.queue("aggregate", too_large);
    player.queue("aggregate", unknown_stage);
    player.queue("aggregate", too_large);
    FeedHarness h(options_for(player.uri()), one);
    const auto opened = h.open({{}, {1, 1}, false, false});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().verdict == Verdict::reject);
    CHECK(opened.error().cause == Cause::too_large);
}

TEST_CASE("an event over 16 MB is read by key where no server splits it, the next one whole again") {
    MongoPlayer player;
    player.queue("aggregate", cursor_reply("shop.a", 77, true, {upsert(1, 1)}));
    player.queue("getMore", too_large);
    player.queue("aggregate", unknown_stage);
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
    CHECK(splits(sent.at(1)));
    CHECK(stage(sent.at(2)).find("updateLookup") == std::string::npos);
    CHECK(stage(sent.at(2)).find("826B00EA7C00000001") != std::string::npos);
    CHECK(stage(sent.at(3)).find("updateLookup") != std::string::npos);
    CHECK(stage(sent.at(3)).find("826B00EA7C00000002") != std::string::npos);
    CHECK_FALSE(splits(sent.at(2)));
    CHECK_FALSE(splits(sent.at(3)));
}

TEST_CASE("an event over 16 MB deep in a batch is reached in growing steps") {
    MongoPlayer player;
    player.queue("aggregate", too_large);
    player.queue("aggregate", unknown_stage);
    player.queue("aggregate",
                 cursor_reply("shop.a", 1, true, {key_only(1, 1), key_only(2, 2), key_only(3, 3)}));
    player.queue("aggregate", too_large);
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
    // Long enough for a request that must not come.
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
