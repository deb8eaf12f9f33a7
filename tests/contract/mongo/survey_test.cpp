// What a deployment holds: on servers that hold data, and on one that says what they would not.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "contract/mongo/deployment.hpp"
#include "contract/mongo/harness.hpp"
#include "mongo/survey.hpp"
#include "support/mongo_player.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::test;
using Catch::Contains;
using namespace std::chrono_literals;

namespace {

mongo::Surveyor surveyor(const std::string& uri) {
    driver();
    return mongo::Surveyor(options_for(uri));
}

std::vector<std::string> names(const std::vector<mongo::ListedCollection>& listed) {
    std::vector<std::string> out;
    for (const auto& l : listed) out.push_back(l.ns.collection + (l.unfit.empty() ? "" : ": " + l.unfit));
    return out;
}

std::string reply(const std::string& text) { return bson(text); }

}  // namespace

TEST_CASE("live: databases and collections are listed by name, MongoDB's own are not") {
    on_each_deployment([](Deployment& d) {
        d.insert("b", R"({"_id":1})");
        d.insert("a", R"({"_id":1})");
        auto s = surveyor(d.uri());
        CHECK_FALSE(s.deployment().value().empty());
        const auto databases = s.databases().value();
        CHECK(std::ranges::find(databases, d.database()) != databases.end());
        for (const auto* own : {"admin", "config", "local"})
            CHECK(std::ranges::find(databases, own) == databases.end());
        CHECK(names(s.collections(d.database()).value()) == std::vector<std::string>{"a", "b"});
        CHECK(s.collections("nobody").value().empty());
    });
}

TEST_CASE("live: a small collection is read as a whole, of a large one a part by chance") {
    on_each_deployment([](Deployment& d) {
        std::string list;
        for (int i = 0; i < 300; ++i)
            list += fmt::format(R"({}{{"_id":{},"name":"number {}"}})", i ? "," : "", i, i);
        d.run(fmt::format(R"({{"insert":"a","documents":[{}]}})", list));
        d.run(R"({"create":"empty"})");
        auto s = surveyor(d.uri());
        const auto whole = s.look({d.database(), "a"}, 300, 5s).value();
        CHECK(whole.documents == 300);
        CHECK(whole.average_bytes > 20);
        CHECK(whole.average_bytes < 100);
        std::set<std::string> seen;
        for (const auto& document : whole.sample) seen.insert(document.to_json());
        CHECK(seen.size() == 300);
        const auto part = s.look({d.database(), "a"}, 50, 5s).value();
        CHECK(part.documents == 300);
        CHECK(part.sample.size() == 50);
        CHECK(part.sample.front().to_json().find("number") != std::string::npos);
        CHECK(s.look({d.database(), "empty"}, 50, 5s).value().sample.empty());
    });
}

TEST_CASE("live: large documents end a sample early") {
    on_each_deployment([](Deployment& d) {
        const std::string large((1 << 20) - 100, 'x');
        for (int i = 0; i < 5; ++i) d.insert("a", fmt::format(R"({{"_id":{},"text":"{}"}})", i, large));
        const auto look = surveyor(d.uri()).look({d.database(), "a"}, 200, 5s).value();
        CHECK(look.documents == 5);
        CHECK(look.sample.size() == 2);
    });
}

TEST_CASE("live: a stand-alone server is told how to become a replica set") {
    const auto d = Deployment::devstack({"--standalone"});
    if (!d) return;
    const auto said = surveyor(d->uri()).deployment();
    REQUIRE_FALSE(said);
    CHECK(said.error().cause == Cause::unsupported);
    CHECK_THAT(said.error().context, Contains("rs.initiate()"));
}

TEST_CASE("live: a user sees what they may read") {
    const auto d = Deployment::devstack({"--user", "root:root:root@admin", "--user", "ann:s3cr3t:read@shop",
                                         "--user", "eve:s3cr3t:read@other"},
                                        "root:root@");
    if (!d) return;
    d->run("shop", R"({"insert":"products","documents":[{"_id":1}]})");
    const auto uri_of = [&](const std::string& who, const std::string& source) {
        auto uri = d->uri();
        uri.replace(uri.find("root:root"), 9, who + ":s3cr3t");
        return uri + "&authSource=" + source;
    };
    auto ann = surveyor(uri_of("ann", "shop"));
    CHECK(ann.databases().value() == std::vector<std::string>{"shop"});
    CHECK(names(ann.collections("shop").value()) == std::vector<std::string>{"products"});
    auto eve = surveyor(uri_of("eve", "other"));
    const auto look = eve.look({"shop", "products"}, 10, 5s);
    REQUIRE_FALSE(look);
    CHECK(look.error().cause == Cause::unauthorized);
    CHECK_THAT(look.error().context, Contains("the role `read` on database shop"));
}

TEST_CASE("views, time series and MongoDB's own collections are listed with the reason") {
    MongoPlayer player;
    // nameOnly gives name and type: MongoDB's documentation of listCollections.
    player.queue("listCollections", cursor_reply("shop.$cmd.listCollections", 0, true,
                                                 {bson(R"({"name":"system.views","type":"collection"})"),
                                                  bson(R"({"name":"products","type":"collection"})"),
                                                  bson(R"({"name":"cheap","type":"view"})"),
                                                  bson(R"({"name":"weather","type":"timeseries"})"),
                                                  bson(R"({"name":"enxcol_.x.esc","type":"collection"})")}));
    CHECK(names(surveyor(player.uri()).collections("shop").value()) ==
          std::vector<std::string>{"cheap: a view, which has no change stream",
                                   "enxcol_.x.esc: one of MongoDB's own, for encrypted fields", "products",
                                   "system.views: one of MongoDB's own",
                                   "weather: time series, which have no change stream"});
    const auto sent = json(player.received("listCollections").at(0).bson);
    CHECK_THAT(sent, Contains("nameOnly") && Contains("authorizedCollections"));
}

TEST_CASE("a server without $sample and statistics gives its first documents, and their average") {
    MongoPlayer player;
    player.queue("count", reply(R"({"n":1000,"ok":1})"));
    player.queue("collStats", error_reply(59, "no such command"));
    player.queue("aggregate", error_reply(40324, "Unrecognized pipeline stage name: '$sample'"));
    player.queue("find",
                 cursor_reply("shop.products", 0, true, {bson(R"({"_id":1})"), bson(R"({"_id":2})")}));
    const auto look = surveyor(player.uri()).look({"shop", "products"}, 2, 5s).value();
    CHECK(look.documents == 1000);
    CHECK(look.average_bytes == look.sample.at(0).size());
    CHECK(look.sample.size() == 2);
    const auto sent = json(player.received("find").at(0).bson);
    CHECK_THAT(sent, Contains("limit") && Contains("maxTimeMS"));
}

TEST_CASE("a collection that takes too long is given up, and says so") {
    MongoPlayer player;
    player.queue("count", error_reply(50, "operation exceeded time limit"));
    const auto look = surveyor(player.uri()).look({"shop", "products"}, 10, 5s);
    REQUIRE_FALSE(look);
    CHECK(look.error().cause == Cause::timeout);
    CHECK_THAT(json(player.received("count").at(0).bson), Contains("maxTimeMS"));
}

TEST_CASE("nobody there is no deployment") {
    unsigned port = 0;
    {
        port = MongoPlayer().port();
    }
    const auto said =
        surveyor(fmt::format("mongodb://127.0.0.1:{}/?directConnection=true", port)).deployment();
    REQUIRE_FALSE(said);
    CHECK(said.error().cause == Cause::unavailable);
}
