// The document reader against recorded and made-up replies.
#include <catch2/catch.hpp>

#include "contract/mongo/harness.hpp"
#include "core/ports/document_reader.hpp"
#include "support/mongo_player.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

const Namespace products{"shop", "products"};

std::vector<std::string> numbered(int from, int to) {
    std::vector<std::string> out;
    for (int i = from; i < to; ++i) out.push_back(bson(fmt::format(R"({{"_id":{}}})", i)));
    return out;
}

DocId id(const std::string& text) { return DocId::parse(text).value(); }

std::vector<ScannedDocument> all_of(ReaderHarness& h, Scan& scan) {
    std::vector<ScannedDocument> out;
    for (;;) {
        auto page = h.loop.wait(scan.next(100));
        if (!page) throw std::runtime_error(describe(page.error()));
        if (page.value().empty()) return out;
        for (auto& d : page.value()) out.push_back(std::move(d));
    }
}

}  // namespace

TEST_CASE("a scan reads behind its own operation time, in the index's order, and ends") {
    MongoPlayer player;
    player.queue("find", cursor_reply("shop.products", 5, true, numbered(0, 3)));
    player.queue("getMore", cursor_reply("shop.products", 0, false, numbered(3, 5)));
    ReaderHarness h(options_for(player.uri()));
    auto scan = h.loop.wait(h.reader.scan(products, {id("0"), id("9")}, {}, h.soon()));
    REQUIRE(scan);
    CHECK(scan.value()->at() == ClusterTime{1795222124, 1});
    const auto documents = all_of(h, *scan.value());
    REQUIRE(documents.size() == 5);
    for (int i = 0; i < 5; ++i) {
        CHECK(documents[i].id == id(std::to_string(i)));
        CHECK(documents[i].lease.bytes() > 0);
    }
    // Asked again, it still has ended.
    CHECK(h.loop.wait(scan.value()->next(10)).value().empty());
    h.loop.wait(scan.value()->close());

    const auto sent = json(player.received("find").at(0).bson);
    CHECK(sent.find(R"("hint" : { "_id" : { "$numberInt" : "1" } })") != std::string::npos);
    CHECK(sent.find(R"("min" : { "_id")") != std::string::npos);
    CHECK(sent.find(R"("max" : { "_id")") != std::string::npos);
    CHECK(sent.find(R"("level" : "majority")") != std::string::npos);
    CHECK(sent.find(R"("afterClusterTime" : { "$timestamp" : { "t" : 1795222124, "i" : 1 } })") !=
          std::string::npos);
    CHECK(sent.find("noCursorTimeout") == std::string::npos);
    CHECK(sent.find("$gt") == std::string::npos);
    // The time is taken before the range is opened, by a command that waits for nothing.
    CHECK(json(player.received("ping").at(0).bson).find("readConcern") == std::string::npos);
}

TEST_CASE("a scan is never older than it must be") {
    MongoPlayer player;
    player.queue("find", cursor_reply("shop.products", 0, true, {}));
    ReaderHarness h(options_for(player.uri()));
    auto scan = h.loop.wait(h.reader.scan(products, {}, {1795300000, 7}, h.soon()));
    REQUIRE(scan);
    CHECK(scan.value()->at() == ClusterTime{1795300000, 7});
    CHECK(all_of(h, *scan.value()).empty());
    const auto sent = json(player.received("find").at(0).bson);
    CHECK(sent.find(R"("t" : 1795300000, "i" : 7)") != std::string::npos);
    CHECK(sent.find("\"min\"") == std::string::npos);
    CHECK(sent.find("\"max\"") == std::string::npos);
    h.loop.wait(scan.value()->close());
}

TEST_CASE("a scan whose cursor dies says so after what it had read") {
    const auto failure = [](int code) {
        return code == 43 ? first_failure("4.2.8", "getMore", 43) : first_failure("4.2.8", "getMore", 175);
    };
    for (const int code : {43, 175}) {
        INFO(code);
        MongoPlayer player;
        player.queue("find", cursor_reply("shop.products", 5, true, numbered(0, 3)));
        player.queue("getMore", failure(code));
        ReaderHarness h(options_for(player.uri()));
        auto scan = h.loop.wait(h.reader.scan(products, {}, {}, h.soon()));
        REQUIRE(scan);
        std::size_t read = 0;
        for (;;) {
            auto page = h.loop.wait(scan.value()->next(2));
            if (!page) {
                CHECK(page.error().verdict == Verdict::retry);
                break;
            }
            REQUIRE_FALSE(page.value().empty());
            read += page.value().size();
        }
        CHECK(read == 3);
        h.loop.wait(scan.value()->close());
    }
}

TEST_CASE("a lost connection in a scan is an error, never a gap") {
    MongoPlayer player;
    player.queue("find", cursor_reply("shop.products", 5, true, numbered(0, 1)));
    player.queue("getMore", PlayedReply{PlayedReply::Kind::hang_up, {}});
    ReaderHarness h(options_for(player.uri()));
    auto scan = h.loop.wait(h.reader.scan(products, {}, {}, h.soon()));
    REQUIRE(scan);
    CHECK(h.loop.wait(scan.value()->next(10)).value().size() == 1);
    const auto page = h.loop.wait(scan.value()->next(10));
    REQUIRE_FALSE(page);
    CHECK(page.error().verdict == Verdict::retry);
    CHECK(player.received("getMore").size() == 1);
}

TEST_CASE("a range with nothing between its borders is empty, not wrong") {
    MongoPlayer player;
    player.queue("find", error_reply(51175, "max must be greater than min"));
    ReaderHarness h(options_for(player.uri()));
    auto scan = h.loop.wait(h.reader.scan(products, {id("1"), id("1")}, {}, h.soon()));
    REQUIRE(scan);
    CHECK(all_of(h, *scan.value()).empty());
    h.loop.wait(scan.value()->close());
}

TEST_CASE("a scan stops reading when its buffer is full, and closes promptly then") {
    MongoPlayer player;
    std::vector<std::string> documents;
    for (int i = 0; i < 20; ++i)
        documents.push_back(bson(fmt::format(R"({{"_id":{},"p":"{}"}})", i, std::string(2000, 'x'))));
    player.queue("find", cursor_reply("shop.products", 5, true, documents));
    auto options = options_for(player.uri());
    options.scan_buffer = 8000;
    ReaderHarness h(options);
    auto scan = h.loop.wait(h.reader.scan(products, {}, {}, h.soon()));
    REQUIRE(scan);
    std::vector<ScannedDocument> held;
    while (held.size() < 3) {
        auto page = h.loop.wait(scan.value()->next(1));
        REQUIRE(page);
        for (auto& d : page.value()) held.push_back(std::move(d));
    }
    auto fourth = h.loop.start(scan.value()->next(1));
    // Long enough for a document that must not come.
    h.loop.wait(h.clock.sleep(std::chrono::milliseconds(50)));
    CHECK_FALSE(fourth->ended);
    held.clear();
    CHECK(h.loop.wait(fourth).value().size() == 1);
    const auto before = std::chrono::steady_clock::now();
    h.loop.wait(scan.value()->close());
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds(800));
    CHECK_FALSE(h.loop.wait(scan.value()->next(1)));
}

TEST_CASE("rights that are missing for a scan are named") {
    MongoPlayer player;
    player.queue("find", first_failure("4.2.8-authorization", "find x", 13));
    ReaderHarness h(options_for(player.uri()));
    const auto scan = h.loop.wait(h.reader.scan(products, {}, {}, h.soon()));
    REQUIRE_FALSE(scan);
    CHECK(scan.error().verdict == Verdict::fatal);
    CHECK(scan.error().context.find("`read` on database shop") != std::string::npos);
}

TEST_CASE("a look-up matches by canonical id: equal numbers are one, absent ones are nothing") {
    MongoPlayer player;
    player.queue("find",
                 cursor_reply("shop.products", 0, true,
                              {bson(R"({"_id":{"$numberDouble":"5.0"},"n":1})"), bson(R"({"_id":"5","n":2})"),
                               bson(R"({"_id":"never asked","n":3})")}));
    ReaderHarness h(options_for(player.uri()));
    const std::vector<DocId> ids{id(R"("5")"), id("5"), id("6"), id(R"({"$numberLong":"5"})")};
    const auto found = h.loop.wait(h.reader.lookup(products, ids, {1795300000, 7}, h.soon()));
    REQUIRE(found);
    CHECK(found.value().at == ClusterTime{1795300000, 7});
    REQUIRE(found.value().documents.size() == 4);
    CHECK(found.value().documents[0]->to_json().find(R"("2")") != std::string::npos);
    CHECK(found.value().documents[1]->to_json().find(R"("1")") != std::string::npos);
    CHECK_FALSE(found.value().documents[2]);
    CHECK(found.value().documents[3]->bson() == found.value().documents[1]->bson());
    const auto sent = json(player.received("find").at(0).bson);
    CHECK(sent.find("afterClusterTime") != std::string::npos);
    CHECK(sent.find("majority") != std::string::npos);
    CHECK(sent.find("maxTimeMS") != std::string::npos);
}

TEST_CASE("look-ups at the same time use connections of their own, and later ones use them again") {
    MongoPlayer player;
    player.on("find", [](const PlayedCommand&) {
        return PlayedReply{PlayedReply::Kind::answer, cursor_reply("shop.products", 0, true, numbered(1, 2))};
    });
    ReaderHarness h(options_for(player.uri()));
    for (int round = 0; round < 5; ++round) {
        auto a = h.loop.start(h.reader.lookup(products, {id("1")}, {}, h.soon()));
        auto b = h.loop.start(h.reader.lookup(products, {id("1"), id("2")}, {}, h.soon()));
        CHECK(h.loop.wait(a).value().documents[0]);
        const auto second = h.loop.wait(b);
        CHECK(second.value().documents[0]);
        CHECK_FALSE(second.value().documents[1]);
    }
    CHECK(player.connections() <= 2);
}

TEST_CASE("a deployment is its set's name and id, its time, and its collections' UUIDs") {
    MongoPlayer player;
    player.queue("listCollections", first_reply("4.2.8", "listCollections"));
    SECTION("with the right to see the set's configuration") {
        player.queue("replSetGetConfig", bson(R"({"ok":1.0,"config":{"_id":"rs0","settings":{
            "replicaSetId":{"$oid":"5f1e00000000000000000001"}}}})"));
        ReaderHarness h(options_for(player.uri()));
        const auto identity =
            h.loop.wait(h.reader.identify({{"rec_a", "crud"}, {"rec_a", "none"}}, h.soon()));
        REQUIRE(identity);
        CHECK(identity.value().deployment == "rs0/5f1e00000000000000000001");
        CHECK(identity.value().operation_time == ClusterTime{1795222124, 1});
        REQUIRE(identity.value().uuids.size() == 1);
        CHECK(identity.value().uuids[0].first == Namespace{"rec_a", "crud"});
        CHECK(identity.value().uuids[0].second == "8f73b0e72dfb470db183fe88e59bfeed");
    }
    SECTION("without it") {
        player.queue("replSetGetConfig", error_reply(13, "not authorized on admin"));
        ReaderHarness h(options_for(player.uri()));
        const auto identity = h.loop.wait(h.reader.identify({{"rec_a", "crud"}}, h.soon()));
        REQUIRE(identity);
        CHECK(identity.value().deployment == "rs0");
    }
    SECTION("a failure is no other deployment") {
        player.queue("replSetGetConfig", error_reply(189, "stepped down"));
        ReaderHarness h(options_for(player.uri()));
        const auto identity = h.loop.wait(h.reader.identify({{"rec_a", "crud"}}, h.soon()));
        REQUIRE_FALSE(identity);
        CHECK(identity.error().verdict == Verdict::retry);
    }
}

TEST_CASE("a server that knows hello by its old name only is asked by that") {
    MongoPlayer player;
    player.queue("hello", error_reply(59, "no such command: 'hello'"));
    player.queue("replSetGetConfig", error_reply(13, "not authorized on admin"));
    player.queue("listCollections", first_reply("4.2.8", "listCollections"));
    ReaderHarness h(options_for(player.uri()));
    const auto identity = h.loop.wait(h.reader.identify({{"rec_a", "crud"}}, h.soon()));
    REQUIRE(identity);
    CHECK(identity.value().deployment == "rs0");
}

TEST_CASE("a small collection is one range, a large one is split at a sample") {
    MongoPlayer player;
    ReaderHarness h(options_for(player.uri()));
    player.queue("count", bson(R"({"n":100,"ok":1.0})"));
    CHECK(h.loop.wait(h.reader.split(products, 4, h.soon())).value().size() == 1);
    CHECK(player.received("aggregate").empty());
    player.queue("count", bson(R"({"n":1000000,"ok":1.0})"));
    player.queue("aggregate", cursor_reply("shop.products", 0, true, numbered(10, 90)));
    const auto ranges = h.loop.wait(h.reader.split(products, 4, h.soon()));
    REQUIRE(ranges);
    REQUIRE(ranges.value().size() == 4);
    CHECK(ranges.value()[0].min.empty());
    CHECK(ranges.value()[0].max == id("30"));
    CHECK(ranges.value()[3].max.empty());
    CHECK(json(player.received("aggregate").at(0).bson).find("$sample") != std::string::npos);
}

TEST_CASE("an estimate is what the server counts from its metadata") {
    MongoPlayer player;
    player.queue("count", first_reply("4.2.8", "count crud"));
    ReaderHarness h(options_for(player.uri()));
    CHECK(h.loop.wait(h.reader.estimate({"rec_a", "crud"}, h.soon())).value() > 0);
}

TEST_CASE(
    "the oplog's reach is the time between its ends, and an error with advice to those who may not see it") {
    MongoPlayer player;
    SECTION("seen") {
        for (const auto& row : test::scenario("4.2.8", "oplog window and others"))
            if (row.name() == "find oplog.rs") player.queue("find", row.reply);
        ReaderHarness h(options_for(player.uri()));
        SECTION("and nobody says how full it is: each entry may be the next to go") {
            const auto history = h.loop.wait(h.reader.history(h.soon())).value();
            CHECK(history.oldest.seconds == 1795222054);
            CHECK(history.reach() == std::chrono::seconds(1795222153 - 1795222054));
        }
        SECTION("and it is a quarter full: it will reach four times as far") {
            player.queue("collStats", bson(R"({"size":25,"maxSize":100,"ok":1.0})"));
            CHECK(h.loop.wait(h.reader.history(h.soon())).value().reach() ==
                  std::chrono::seconds(4 * (1795222153 - 1795222054)));
        }
        SECTION("and its size is no size") {
            player.queue("collStats", bson(R"({"size":0,"maxSize":"?","ok":1.0})"));
            CHECK(h.loop.wait(h.reader.history(h.soon())).value().used == 1);
        }
    }
    SECTION("none there") {
        player.on("find", [](const PlayedCommand&) {
            return PlayedReply{PlayedReply::Kind::answer, cursor_reply("local.oplog.rs", 0, true, {})};
        });
        ReaderHarness h(options_for(player.uri()));
        const auto history = h.loop.wait(h.reader.history(h.soon()));
        REQUIRE_FALSE(history);
        CHECK(history.error().cause == Cause::unsupported);
    }
    SECTION("closed") {
        player.on("find", [](const PlayedCommand&) {
            return PlayedReply{PlayedReply::Kind::answer,
                               first_failure("4.2.8-authorization", "find oplog.rs", 13)};
        });
        ReaderHarness h(options_for(player.uri()));
        const auto history = h.loop.wait(h.reader.history(h.soon()));
        REQUIRE_FALSE(history);
        CHECK(history.error().cause == Cause::unauthorized);
        CHECK(history.error().context.find("`read` on local") != std::string::npos);
    }
}
