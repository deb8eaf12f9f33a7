// What the adapter sends, and what it makes of every way in which a write can end.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "contract/qdrant/adapter.hpp"

using namespace halcyon;
using namespace halcyon::test;
namespace json = boost::json;

namespace {

const char* const upsert_line = "PUT /collections/products__1/points?";
const char* const batch_line = "POST /collections/products__1/points/batch";
const char* const delete_line = "POST /collections/products__1/points/delete";

std::size_t points_in(const std::string& body) { return json::parse(body).at("points").as_array().size(); }

}  // namespace

TEST_CASE("a call is three requests at most, upserts before payloads before removes") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1, 2), a.upsert(3)});
    a.server.forget();
    auto shrunk = a.upsert(1);
    shrunk.removes = {a.point(1, 1)};
    for (const auto& outcome : a.apply({a.payload(3), shrunk, a.upsert(2)})) CHECK(outcome.has_value());
    const auto seen = a.server.seen();
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].method == "PUT");
    CHECK(points_in(seen[0].body) == 2);
    CHECK(seen[1].target.starts_with("/collections/products__1/points/batch?wait=true"));
    CHECK(seen[2].target.starts_with("/collections/products__1/points/delete?wait=true"));
    CHECK(points_in(seen[2].body) == 1);
    for (const auto& request : seen) {
        CHECK(request.target.find("timeout=2") != std::string::npos);
        CHECK(request.target.find("ordering") == std::string::npos);
    }
}

TEST_CASE("a write that is only queued is in doubt, and nothing follows it") {
    Adapter a;
    a.ensured();
    const auto* status = GENERATE("acknowledged", "wait_timeout");
    a.server.once(
        upsert_line, 200,
        std::string(R"({"result":{"operation_id":1,"status":")") + status + R"("},"status":"ok","time":1})");
    auto operation = a.upsert(1);
    operation.removes = {a.point(1, 1)};
    a.server.forget();
    SinkOperation other;
    other.removes = {a.point(9)};
    const auto outcomes = a.apply({operation, other});
    failed(outcomes[0], Verdict::retry, Cause::in_doubt);
    failed(outcomes[1], Verdict::retry, Cause::unavailable);
    CHECK(a.server.seen(delete_line).empty());
}

TEST_CASE("a connection lost after the request leaves the write in doubt, whether or not it took effect") {
    Adapter a;
    a.ensured();
    const auto kind = GENERATE(Act::Kind::drop_before, Act::Kind::drop_after);
    a.server.once(upsert_line, {kind});
    failed(a.apply({a.upsert(1)}).at(0), Verdict::retry, Cause::in_doubt);
    CHECK(a.held(qdrant::samples::key("1")).receipt().has_value() == (kind == Act::Kind::drop_after));
}

TEST_CASE("a write without an answer is in doubt at the deadline") {
    Adapter a;
    a.ensured();
    a.server.once(upsert_line, {Act::Kind::hold});
    failed(a.apply({a.upsert(1)}, in(std::chrono::milliseconds(300))).at(0), Verdict::retry, Cause::in_doubt);
}

TEST_CASE("a server that is away takes nothing, and leaves no doubt") {
    Adapter a;
    a.ensured();
    a.server.stop();
    auto outcomes = a.apply({a.upsert(1), a.upsert(2)});
    // The kept-alive connection may take the first request down with it.
    if (outcomes[0].error().cause == Cause::in_doubt) outcomes = a.apply({a.upsert(1), a.upsert(2)});
    for (const auto& outcome : outcomes) failed(outcome, Verdict::retry, Cause::unavailable);
}

TEST_CASE("a rate limit carries the time to wait") {
    Adapter a;
    a.ensured();
    a.server.once(upsert_line, 429, R"({"status":{"error":"Rate limiting exceeded"},"time":0})",
                  {{"Retry-After", "7"}});
    const auto outcome = a.apply({a.upsert(1)}).at(0);
    failed(outcome, Verdict::retry, Cause::rate_limited);
    CHECK(outcome.error().retry_after == std::chrono::seconds(7));
}

TEST_CASE("a proxy's 503 leaves a write in doubt") {
    Adapter a;
    a.ensured();
    a.server.once(upsert_line, 503, "<html>busy</html>");
    failed(a.apply({a.upsert(1)}).at(0), Verdict::retry, Cause::in_doubt);
}

TEST_CASE("nothing is removed before its replacement is written") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1, 2), a.upsert(2, 2)});
    a.server.forget();
    const auto status = GENERATE(400U, 429U, 503U);
    a.server.once(upsert_line, status, R"({"status":{"error":"Wrong input: whatever"},"time":0})");
    auto shrunk = a.upsert(1);
    shrunk.removes = {a.point(1, 1)};
    CHECK_FALSE(a.apply({shrunk}).at(0));
    CHECK(a.server.seen(delete_line).empty());
}

TEST_CASE("a refused batch does not keep others from being removed") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(2)});
    a.server.once(upsert_line, 400, R"({"status":{"error":"Wrong input: whatever"},"time":0})");
    SinkOperation remove;
    remove.removes = {a.point(2)};
    const auto outcomes = a.apply({a.upsert(1), remove});
    failed(outcomes[0], Verdict::reject, Cause::rejected);
    CHECK(outcomes[1].has_value());
    CHECK(a.held(qdrant::samples::key("2")).chunks.empty());
}

TEST_CASE("after a missing point only the rest of the payloads is sent again") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1), a.upsert(3), a.upsert(5)});
    a.server.forget();
    auto outcomes = a.apply({a.payload(1), a.payload(2), a.payload(3), a.payload(4), a.payload(5)});
    const auto batches = a.server.seen(batch_line);
    REQUIRE(batches.size() == 3);
    const auto operations = [](const std::string& body) {
        return json::parse(body).at("operations").as_array().size();
    };
    CHECK(operations(batches[0].body) == 5);
    CHECK(operations(batches[1].body) == 3);
    CHECK(operations(batches[2].body) == 1);
    for (const auto i : {0U, 2U, 4U}) CHECK(outcomes[i].has_value());
    for (const auto i : {1U, 3U}) failed(outcomes[i], Verdict::resync, Cause::not_found);
}

TEST_CASE("a batch that is answered piece by piece is settled piece by piece") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1), a.upsert(2), a.upsert(3)});
    a.server.once(
        batch_line, 200,
        R"({"result":[{"status":"completed"},{"status":"wait_timeout"},{"status":"completed"}],"status":"ok"})");
    const auto outcomes = a.apply({a.payload(1), a.payload(2), a.payload(3)});
    CHECK(outcomes[0].has_value());
    failed(outcomes[1], Verdict::retry, Cause::in_doubt);
    CHECK(outcomes[2].has_value());
}

TEST_CASE("a batch with fewer answers than payloads is in doubt") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1), a.upsert(2)});
    a.server.once(batch_line, 200, R"({"result":[{"status":"completed"}],"status":"ok"})");
    for (const auto& outcome : a.apply({a.payload(1), a.payload(2)}))
        failed(outcome, Verdict::retry, Cause::in_doubt);
}

TEST_CASE("a missing point that nobody named is no answer to believe") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1)});
    a.server.once(batch_line, 404,
                  R"({"status":{"error":"Not found: No point with id 999 found"},"time":0})");
    failed(a.apply({a.payload(1)}).at(0), Verdict::retry, Cause::in_doubt);
}

TEST_CASE("strict mode's limits are kept from the first request on") {
    Adapter a;
    auto s = a.spec();
    s.create_json = R"({"strict_mode_config":{"enabled":true,"upsert_max_batchsize":2,"max_timeout":10,
        "max_query_limit":3,"condition_max_size":2,"unindexed_filtering_retrieve":false,
        "unindexed_filtering_update":false}})";
    a.ensured(s);
    a.server.forget();
    std::vector<SinkOperation> operations;
    std::vector<DocumentKey> keys;
    for (int i = 0; i < 5; ++i) {
        operations.push_back(a.upsert(i, i == 4 ? 5 : 1));
        keys.push_back(qdrant::samples::key(std::to_string(i)));
    }
    for (const auto& outcome : a.apply(operations)) CHECK(outcome.has_value());
    const auto upserts = a.server.seen(upsert_line);
    CHECK(upserts.size() == 5);
    for (const auto& request : upserts) {
        CHECK(points_in(request.body) <= 2);
        CHECK(request.target.find("timeout=10") != std::string::npos);
    }
    auto documents = a.loop.wait(a.services->sink->lookup(a.products, keys, a.soon()));
    REQUIRE(documents);
    for (std::size_t i = 0; i < 5; ++i) {
        REQUIRE(documents.value()[i].receipt());
        CHECK(documents.value()[i].receipt()->chunks == (i == 4 ? 5 : 1));
    }
    const auto page = a.loop.wait(a.services->sink->scroll(a.products, {}, 1000, a.soon()));
    REQUIRE(page);
    CHECK(page.value().chunks.size() == 3);
    CHECK(page.value().next.has_value());
}

TEST_CASE("limits that changed meanwhile are read again, and cost no document") {
    Adapter a;
    a.ensured();
    a.server.once(
        upsert_line, 400,
        R"({"status":{"error":"Bad request: Limit exceeded 3 > 2 for \"upsert limit\". Help: .."},"time":0})");
    a.server.forget();
    for (const auto& outcome : a.apply({a.upsert(1), a.upsert(2), a.upsert(3)}))
        failed(outcome, Verdict::retry, Cause::too_large);
    CHECK(a.server.seen("GET /collections/products__1").empty());
    for (const auto& outcome : a.apply({a.upsert(1), a.upsert(2), a.upsert(3)})) CHECK(outcome.has_value());
    CHECK(a.server.seen("GET /collections/products__1").size() == 1);
}

TEST_CASE("a collection that was made again by others is not written to until it is ensured") {
    Adapter a;
    a.ensured();
    a.server.once(upsert_line, 404,
                  R"({"status":{"error":"Not found: Collection `products__1` doesn't exist!"}})");
    failed(a.apply({a.upsert(1)}).at(0), Verdict::retry, Cause::not_found);
    a.server.once("GET /collections/products__1", 200,
                  R"({"result":{"config":{"params":{"vectors":{"size":4,"distance":"Cosine"}}}}})");
    a.server.forget();
    failed(a.apply({a.upsert(1)}).at(0), Verdict::retry, Cause::conflict);
    CHECK(a.server.seen(upsert_line).empty());
    a.ensured();
    CHECK(a.apply({a.upsert(1)}).at(0).has_value());
}

TEST_CASE("requests stay below their bytes") {
    qdrant::Options options;
    options.request_bytes = 64 * KiB;
    Adapter a(options);
    a.ensured();
    a.server.forget();
    std::vector<SinkOperation> operations;
    for (int i = 0; i < 40; ++i) {
        operations.push_back(a.upsert(i));
        operations.back().upserts[0].payload = R"({"text":")" + std::string(5000, 'x') + "\"}";
    }
    for (const auto& outcome : a.apply(operations)) CHECK(outcome.has_value());
    const auto upserts = a.server.seen(upsert_line);
    CHECK(upserts.size() >= 4);
    CHECK(upserts.size() <= 6);
    for (const auto& request : upserts) CHECK(request.body.size() <= options.request_bytes);
}

TEST_CASE("a document of which only a part was written when the server went away is in doubt") {
    qdrant::Options options;
    options.request_points = 2;
    Adapter a(options);
    a.ensured();
    a.server.once(upsert_line, 200,
                  R"({"result":{"operation_id":1,"status":"completed"},"status":"ok","time":0})");
    a.server.once(upsert_line, 429, R"({"status":{"error":"Rate limiting exceeded"},"time":0})");
    const auto outcomes = a.apply({a.upsert(1, 5), a.upsert(2)});
    failed(outcomes[0], Verdict::retry, Cause::in_doubt);
    failed(outcomes[1], Verdict::retry, Cause::rate_limited);
}

TEST_CASE("a replicated collection is written in order and read from all") {
    Adapter a;
    auto s = a.spec();
    s.create_json = R"({"replication_factor":2})";
    a.ensured(s);
    a.server.forget();
    CHECK(a.apply({a.upsert(1)}).at(0).has_value());
    CHECK(a.held(qdrant::samples::key("1")).receipt().has_value());
    CHECK(a.server.seen(upsert_line).at(0).target.find("ordering=medium") != std::string::npos);
    CHECK(a.server.seen("POST /collections/products__1/points/scroll").at(0).target.find("consistency=all") !=
          std::string::npos);
}

TEST_CASE("an epoch is noted in the metadata before its first point") {
    Adapter a;
    a.ensured();
    a.server.forget();
    auto operation = a.upsert(1);
    operation.upserts[0].provenance.version.epoch = 9;
    CHECK(a.apply({operation}).at(0).has_value());
    auto seen = a.server.seen();
    REQUIRE(seen.size() >= 2);
    CHECK(seen[0].method == "PATCH");
    CHECK(json::parse(seen[0].body).at("metadata").at("halcyon").at("epoch") == 9);
    CHECK(seen[1].method == "PUT");
    a.server.forget();
    CHECK(a.apply({operation}).at(0).has_value());
    CHECK(a.server.seen("PATCH").empty());

    operation.upserts[0].provenance.version.epoch = 10;
    a.server.once("PATCH /collections/products__1", 500, "");
    a.server.forget();
    failed(a.apply({operation}).at(0), Verdict::retry, Cause::unavailable);
    CHECK(a.server.seen(upsert_line).empty());
}

TEST_CASE("a key that may write points but not metadata still writes") {
    Adapter a;
    a.ensured();
    auto operation = a.upsert(1);
    operation.upserts[0].provenance.version.epoch = 9;
    a.server.once("PATCH", 403, R"({"status":{"error":"Forbidden: Access denied"},"time":0})");
    CHECK(a.apply({operation}).at(0).has_value());
}
