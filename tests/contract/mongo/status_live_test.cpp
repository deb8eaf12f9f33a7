// Statuses written into documents, on servers that hold data.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "contract/mongo/deployment.hpp"
#include "contract/mongo/harness.hpp"
#include "core/bson.hpp"
#include "mongo/bson.hpp"
#include "mongo/status_writer.hpp"
#include "support/mongo_player.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

struct Writing {
    explicit Writing(const std::string& uri, std::string field = "syncMetadata")
        : reader(options_for(uri)), writer(reader.pool, options_for(uri), std::move(field)) {
        driver();
    }
    Result<StatusWriter::Written> write(std::vector<StatusRow> rows) {
        return reader.loop.wait(writer.write(std::move(rows), reader.soon()));
    }
    std::string document(const Namespace& ns, const std::string& id) {
        const auto found =
            reader.loop.wait(reader.reader.lookup(ns, {DocId::parse(id).value()}, {}, reader.soon()));
        const auto& d = found.value().documents.at(0);
        return d ? d->to_json() : "";
    }
    ReaderHarness reader;
    mongo::MongoStatusWriter writer;
};

StatusRow row(const Namespace& ns, const std::string& id,
              std::vector<std::pair<std::string, SyncStatus>> collections) {
    StatusRow r{{ns, DocId::parse(id).value()}, {}};
    for (const auto& [name, status] : collections) {
        StatusEntry e;
        e.status = status;
        e.last_synced = e.last_attempt = {1700000000000};
        if (status != SyncStatus::synced) e.last_error = "$set: {\"quoted\"}";
        e.content_hash = "abc";
        r.collections[CollectionName(name)] = e;
    }
    return r;
}

bool has(const std::string& json, const std::string& part) { return json.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("live: a status is set beside what is there, replaced, and removed") {
    on_each_deployment([](Deployment& d) {
        const Namespace a{d.database(), "a"}, b{d.database(), "b"};
        d.insert(
            "a",
            R"({"_id":1,"name":"one","syncMetadata":{"mine":7,"collections":{"other":{"status":"x"}}}})");
        d.insert("b", R"({"_id":"two","name":"two"})");
        Writing w(d.uri());
        const auto synced = SyncStatus::synced, failed = SyncStatus::failed;
        const auto written = w.write({row(a, "1", {{"products", synced}}),
                                      row(b, "\"two\"", {{"products", synced}, {"cheap-1", failed}}),
                                      row(b, "\"nobody\"", {{"products", synced}})});
        REQUIRE(written);
        CHECK(written.value().refused == 0);
        const auto one = w.document(a, "1");
        INFO(one);
        CHECK(has(one, R"("mine":)"));
        CHECK(has(one, R"("other":{"status":"x"})"));
        CHECK(has(one, R"("overallStatus":"synced")"));
        CHECK(has(one, R"("contentHash":"abc")"));
        CHECK(has(one, R"("name":"one")"));
        CHECK(w.document(b, "\"nobody\"").empty());
        CHECK(has(w.document(b, "\"two\""), R"("overallStatus":"failed")"));
        auto left = row(b, "\"two\"", {{"products", synced}});
        left.collections[CollectionName("cheap-1")] = std::nullopt;
        REQUIRE(w.write({left}));
        const auto two = w.document(b, "\"two\"");
        INFO(two);
        CHECK(has(two, R"("overallStatus":"synced")"));
        CHECK_FALSE(has(two, "cheap-1"));
        CHECK(has(two, R"("name":"two")"));
    });
}

TEST_CASE("live: a document in which something else stands in the way is refused alone") {
    on_each_deployment([](Deployment& d) {
        const Namespace a{d.database(), "a"};
        d.insert("a", R"({"_id":1,"syncMetadata":"mine"})");
        d.insert("a", R"({"_id":2})");
        Writing w(d.uri());
        const auto written = w.write({row(a, "1", {{"products", SyncStatus::synced}}),
                                      row(a, "2", {{"products", SyncStatus::synced}})});
        REQUIRE(written);
        CHECK(written.value().refused == 1);
        CHECK_FALSE(written.value().why.empty());
        CHECK(has(w.document(a, "1"), R"("syncMetadata":"mine")"));
        CHECK(has(w.document(a, "2"), "overallStatus"));
    });
}

TEST_CASE("live: a user who may only read is told what to grant") {
    const auto d = Deployment::devstack({"--user", "root:root:root@admin", "--user", "ann:s3cr3t:read@shop"},
                                        "root:root@");
    if (!d) return;
    auto uri = d->uri();
    uri.replace(uri.find("root:root"), 9, "ann:s3cr3t");
    Writing w(uri + "&authSource=shop");
    const auto written = w.write({row({"shop", "a"}, "1", {{"products", SyncStatus::synced}})});
    REQUIRE_FALSE(written);
    CHECK(written.error().verdict == Verdict::fatal);
    CHECK(written.error().cause == Cause::unauthorized);
    CHECK(has(written.error().context, "readWrite"));
}

TEST_CASE("a server that is away while statuses are written is asked again") {
    unsigned port = 0;
    {
        port = MongoPlayer().port();
    }
    Writing w(fmt::format("mongodb://127.0.0.1:{}/?directConnection=true", port));
    const auto written = w.write({row({"shop", "a"}, "1", {{"products", SyncStatus::synced}})});
    REQUIRE_FALSE(written);
    CHECK(written.error().verdict == Verdict::retry);
}
