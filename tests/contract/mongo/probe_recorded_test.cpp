// What a check asks of a deployment, against what real servers answered.
#include <catch2/catch.hpp>

#include "contract/mongo/harness.hpp"
#include "mongo/probe.hpp"
#include "support/mongo_player.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::test;

TEST_CASE("a check tells version, deployment, rights and what is missing") {
    MongoPlayer player;
    player.queue("buildInfo", first_reply("4.2.8", "buildInfo"));
    player.queue("replSetGetConfig", error_reply(13, "not authorized on admin"));
    player.queue("listCollections", first_reply("4.2.8", "listCollections"));
    player.on("count", [](const PlayedCommand& c) {
        return PlayedReply{PlayedReply::Kind::answer, json(c.bson).find("crud") != std::string::npos
                                                          ? bson(R"({"n":4,"ok":1.0})")
                                                          : error_reply(13, "not authorized")};
    });
    SECTION("a good one") {
        player.queue("aggregate", cursor_reply("rec_a.$cmd.aggregate", 7, true, {}));
        driver();
        const auto probe = mongo::probe(options_for(player.uri()), {{"rec_a", "crud"}, {"rec_a", "closed"}});
        REQUIRE(probe);
        CHECK(probe.value().version == "4.2.8");
        CHECK(probe.value().supported);
        CHECK(probe.value().deployment == "rs0");
        CHECK_FALSE(probe.value().watch);
        CHECK(probe.value().namespaces[0].exists);
        CHECK(probe.value().namespaces[0].documents == 4);
        CHECK_FALSE(probe.value().namespaces[0].find);
        CHECK_FALSE(probe.value().namespaces[1].exists);
        CHECK(probe.value().namespaces[1].find->cause == Cause::unauthorized);
        CHECK_FALSE(probe.value().history);
    }
    SECTION("one into which statuses are to be written") {
        player.queue("aggregate", cursor_reply("rec_a.$cmd.aggregate", 7, true, {}));
        std::vector<std::string> updates;
        player.on("update", [&](const PlayedCommand& c) {
            updates.push_back(json(c.bson));
            // The shape of a missing right is the same for every command.
            return PlayedReply{PlayedReply::Kind::answer,
                               updates.size() == 1 ? bson(R"({"n":0,"nModified":0,"ok":1.0})")
                                                   : first_failure("4.2.8-authorization", "aggregate", 13)};
        });
        driver();
        auto options = options_for(player.uri());
        options.status_writeback = true;
        const auto probe = mongo::probe(options, {{"rec_a", "crud"}, {"rec_a", "closed"}});
        REQUIRE(probe);
        CHECK_FALSE(probe.value().namespaces[0].status);
        REQUIRE(probe.value().namespaces[1].status);
        CHECK(probe.value().namespaces[1].status->cause == Cause::unauthorized);
        CHECK(probe.value().namespaces[1].status->context.find("`update` on rec_a.closed") !=
              std::string::npos);
        REQUIRE(updates.size() == 2);
        CHECK(updates[0].find("\"$oid\"") != std::string::npos);
        CHECK(updates[0].find("syncMetadata.overallStatus") != std::string::npos);
        CHECK(updates[0].find("\"upsert\" : false") != std::string::npos);
    }
    SECTION("one that may not be watched") {
        player.queue("aggregate", first_failure("4.2.8-authorization", "aggregate", 13));
        driver();
        const auto probe = mongo::probe(options_for(player.uri()), {{"rec_a", "crud"}, {"rec_b", "docs"}});
        REQUIRE(probe);
        REQUIRE(probe.value().watch);
        CHECK(probe.value().watch->cause == Cause::unauthorized);
        CHECK(probe.value().watch->context.find("readAnyDatabase") != std::string::npos);
    }
}

TEST_CASE("a stand-alone server is told how to become a replica set") {
    MongoPlayer player;
    player.on("hello", [&](const PlayedCommand&) {
        return PlayedReply{PlayedReply::Kind::answer, first_reply("4.2.8-standalone", "isMaster")};
    });
    player.queue("aggregate", first_failure("4.2.8-standalone", "aggregate a", 40573));
    driver();
    const auto probe = mongo::probe(options_for(player.uri()), {{"x", "a"}});
    REQUIRE(probe);
    CHECK(probe.value().deployment.empty());
    REQUIRE(probe.value().watch);
    CHECK(probe.value().watch->context.find("rs.initiate()") != std::string::npos);
}
