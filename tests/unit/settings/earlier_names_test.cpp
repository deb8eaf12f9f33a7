#include <catch2/catch.hpp>

#include "unit/settings/support.hpp"

using halcyon::testing::base;
using halcyon::testing::messages;
using halcyon::testing::read;

TEST_CASE("earlier systems' variables fill what the file leaves out, and are named") {
    const halcyon::settings::Environment environment{{"MONGODB_URI", "mongodb://old/?replicaSet=r"},
                                                     {"QDRANT_URL", "http://old:6333"},
                                                     {"QDRANT_API_KEY", "k"},
                                                     {"MONGODB_DATABASE", "shop"},
                                                     {"QDRANT_COLLECTION", "things"},
                                                     {"EMBEDDING_SERVICE_URL", "http://embed"}};
    const auto loaded = read(R"(embedders: { default: { type: tei } }
routes: [{ from: products, text: [name] }]
)",
                             environment);
    CHECK(messages(loaded).empty());
    const auto& s = loaded.settings;
    CHECK(s.mongodb.uri == "mongodb://old/?replicaSet=r");
    CHECK(s.qdrant.url == "http://old:6333");
    CHECK(s.qdrant.api_key == "k");
    CHECK(s.embedders.at("default").url == "http://embed");
    REQUIRE(s.pipeline.routes.size() == 1);
    CHECK(s.pipeline.routes[0].from.text() == "shop.products");
    CHECK(s.pipeline.routes[0].to.value() == "things");
    CHECK(loaded.notes ==
          std::vector<std::string>{
              "from the environment, since the settings leave it out: MONGODB_URI, QDRANT_URL, "
              "QDRANT_API_KEY, EMBEDDING_SERVICE_URL, MONGODB_DATABASE, QDRANT_COLLECTION"});
}

TEST_CASE("the earlier retry worker's variables mean what they meant") {
    const auto loaded = read(base, {{"SYNC_WORKER_ENABLED", "false"},
                                    {"SYNC_WORKER_INTERVAL_MS", "60000"},
                                    {"SYNC_WORKER_BATCH_SIZE", "10"},
                                    {"SYNC_MAX_RETRIES", "7"},
                                    {"SYNC_BASE_BACKOFF_MS", "4000"},
                                    {"SYNC_BACKOFF_MULTIPLIER", "3"},
                                    {"SYNC_MAX_BACKOFF_MS", "200000"}});
    CHECK(messages(loaded).empty());
    const auto& retry = loaded.settings.pipeline.retry;
    CHECK_FALSE(retry.enabled);
    CHECK(retry.interval == std::chrono::seconds(60));
    CHECK(retry.batch == 10);
    CHECK(retry.attempts == 7);
    CHECK(retry.backoff.initial == std::chrono::seconds(4));
    CHECK(retry.backoff.factor == 3);
    CHECK(retry.backoff.cap == std::chrono::seconds(200));
    CHECK(messages(read(base, {{"SYNC_MAX_RETRIES", "many"}})).size() == 1);
    CHECK(messages(read(base + "retry: { backoff: { initial: 10m } }")).size() == 1);
}

TEST_CASE("what the file says wins over earlier systems' variables") {
    const auto loaded =
        read(base + "qdrant: { url: http://new:6333 }", {{"QDRANT_URL", "http://old:6333"},
                                                         {"MONGODB_DATABASE", "x"},
                                                         {"QDRANT_COLLECTION", "y"},
                                                         {"MONGODB_URI", ""},
                                                         {"EMBEDDING_SERVICE_URL", "http://embed"}});
    CHECK(messages(loaded).empty());
    CHECK(loaded.settings.qdrant.url == "http://new:6333");
    CHECK(loaded.settings.pipeline.routes[0].from.text() == "shop.products");
    CHECK(loaded.settings.embedders.at("default").url.empty());
    CHECK(loaded.notes.empty());
}

TEST_CASE("a mistake in a variable names the variable") {
    CHECK(messages(read(base, {{"QDRANT_URL", "http://old:6334"}})) ==
          std::vector<std::string>{
              "environment variable QDRANT_URL: qdrant.url: 6334 is Qdrant's gRPC port; halcyon "
              "speaks REST, usually on port 6333"});
}

TEST_CASE("earlier systems' variables without a meaning yet are named") {
    CHECK(read(base, {{"MAX_PENDING", "5"}, {"WAIT_QUIET", "1"}, {"OTHER", "1"}}).notes ==
          std::vector<std::string>{
              "set in the environment, but not used by this release: WAIT_QUIET, MAX_PENDING"});
}
