#include <catch2/catch.hpp>

#include "mongo/status_protocol.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::mongo;
using halcyon::test::json;

namespace {

StatusRow row() { return {{{"shop", "products"}, DocId::parse("7").value()}, {}}; }

StatusEntry failed() {
    StatusEntry e;
    e.status = SyncStatus::failed;
    e.last_attempt = {1000};
    e.last_error = "$boom";
    e.code = ErrorCode::unknown;
    e.retries = 3;
    return e;
}

}  // namespace

TEST_CASE("a status is set by paths below its field, whole for each collection") {
    auto r = row();
    r.collections[CollectionName("products")] = failed();
    CHECK(
        json(status_update("syncMetadata", r)) ==
        R"({ "$set" : { "syncMetadata.collections.products" : { "status" : "failed", "lastSyncedAt" : null, )"
        R"("lastSyncAttemptAt" : { "$date" : { "$numberLong" : "1000" } }, "lastError" : "$boom", )"
        R"("errorCode" : "UNKNOWN", "retryCount" : { "$numberInt" : "3" }, "contentHash" : null, )"
        R"("vectorVersion" : { "$numberInt" : "0" } }, "syncMetadata.overallStatus" : "failed" } })");
    CHECK(json(status_selector(r)).find("7") != std::string::npos);
}

TEST_CASE(
    "the worst of all collections is the overall status, and where the document is not, no entry stays") {
    auto r = row();
    r.collections[CollectionName("a")] = StatusEntry{};
    r.collections[CollectionName("b")] = failed();
    r.collections[CollectionName("c")] = std::nullopt;
    const auto text = json(status_update("state", r));
    CHECK(text.find(R"("state.overallStatus" : "failed")") != std::string::npos);
    CHECK(text.find(R"("$unset" : { "state.collections.c" : "" })") != std::string::npos);
    r.collections[CollectionName("b")]->status = SyncStatus::stale;
    CHECK(r.overall() == SyncStatus::stale);

    auto nowhere = row();
    nowhere.collections[CollectionName("a")] = std::nullopt;
    CHECK(json(status_update("state", nowhere)) ==
          R"({ "$unset" : { "state.collections.a" : "", "state.overallStatus" : "" } })");
}

TEST_CASE("names that no path can hold are named") {
    CHECK(path_mistake("products-v2").empty());
    CHECK(path_mistake("größe 1").empty());
    for (const char* name : {"", "a.b", "$a", "."}) CHECK_FALSE(path_mistake(name).empty());
}
