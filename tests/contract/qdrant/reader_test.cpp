// What the adapter makes of every way in which a read can end, and the search.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "contract/qdrant/adapter.hpp"

using namespace halcyon;
using namespace halcyon::test;
namespace json = boost::json;

namespace {

const char* const scroll_line = "POST /collections/products__1/points/scroll";

Error lookup_error(Adapter& a) {
    auto documents = a.loop.wait(a.services->sink->lookup(a.products, {qdrant::samples::key("1")}, a.soon()));
    REQUIRE_FALSE(documents);
    return documents.error();
}

}  // namespace

TEST_CASE("a look-up that fails never looks like a document that is not there") {
    struct Case {
        unsigned status;
        const char* body;
        Cause cause;
    };
    const auto c = GENERATE(values<Case>(
        {{200, "<html>hello</html>", Cause::unavailable},
         {200, R"({"result":{}})", Cause::unavailable},
         {400, R"({"status":{"error":"Bad request: Index required but not found"}})", Cause::rejected},
         {401, "Invalid API key or JWT", Cause::unauthorized},
         {404, R"({"status":{"error":"Not found: Collection `products__1` doesn't exist!"}})",
          Cause::not_found},
         {408, R"({"status":{"error":"Timeout"}})", Cause::timeout},
         {429, R"({"status":{"error":"Rate limiting exceeded"}})", Cause::rate_limited},
         {500, R"({"status":{"error":"Service internal error"}})", Cause::unavailable},
         {503, "", Cause::unavailable}}));
    Adapter a;
    a.ensured();
    a.server.once(scroll_line, c.status, c.body);
    const auto error = lookup_error(a);
    INFO(describe(error));
    CHECK(error.verdict == Verdict::retry);
    CHECK(to_string(error.cause) == to_string(c.cause));
}

TEST_CASE("a look-up that fails on its second page fails as a whole") {
    Adapter a;
    auto s = a.spec();
    s.create_json = R"({"strict_mode_config":{"enabled":true,"max_query_limit":2}})";
    a.ensured(s);
    CHECK(a.apply({a.upsert(1, 5)}).at(0).has_value());
    CHECK(a.held(qdrant::samples::key("1")).chunks.size() == 5);
    a.server.forget();
    CHECK(a.held(qdrant::samples::key("1")).chunks.size() == 5);
    const auto pages = a.server.seen(scroll_line);
    REQUIRE(pages.size() == 3);
    Act through;
    through.reply.body =
        R"({"result":{"points":[],"next_page_offset":"00000000-0000-4000-8000-000000000000"},"status":"ok"})";
    a.server.once(scroll_line, through);
    a.server.once(scroll_line, {Act::Kind::drop_before});
    CHECK(lookup_error(a).cause == Cause::unavailable);
}

TEST_CASE("chunks beyond what the last writer knew of are found") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1, 5)});
    a.apply({a.upsert(1, 2)});
    const auto document = a.held(qdrant::samples::key("1"));
    CHECK(document.chunks.size() == 5);
    CHECK_FALSE(document.receipt());
}

TEST_CASE("points of others are neither shown nor counted as documents") {
    Adapter a;
    a.ensured();
    a.apply({a.upsert(1)});
    a.raw("PUT", "/collections/products__1/points?wait=true",
          R"({"points":[{"id":1,"vector":[1,2,3,4],"payload":{"a":1}},
        {"id":2,"vector":[1,2,3,4],"payload":{"_halcyon":{"key":"x"}}},
        {"id":3,"vector":[1,2,3,4],"payload":{"_halcyon":7}}]})");
    std::size_t shown = 0;
    std::size_t pages = 0;
    std::optional<std::string> from;
    do {
        auto page = a.loop.wait(a.services->sink->scroll(a.products, from, 2, a.soon()));
        REQUIRE(page);
        shown += page.value().chunks.size();
        from = page.value().next;
        ++pages;
    } while (from);
    CHECK(shown == 1);
    CHECK(pages == 2);
    CHECK(a.loop.wait(a.services->sink->count(a.products, a.soon())).value() == 4);
}

TEST_CASE("points that are hidden until they are optimised are not taken for missing") {
    Adapter a;
    auto s = a.spec();
    s.create_json = R"({"optimizers_config":{"prevent_unoptimized":true}})";
    const std::string hidden = R"({"result":{"config":{"params":{"vectors":{"size":4,"distance":"Cosine"}},
        "optimizer_config":{"prevent_unoptimized":true}},"payload_schema":{},
        "update_queue":{"length":1,"deferred_points":3}}})";
    a.server.once("GET /collections/products__1/exists", 200, R"({"result":{"exists":false}})");
    a.server.once("PATCH /collections/products__1", 200, R"({"result":true})");
    a.server.once("GET /collections/products__1", 200, hidden);
    a.server.once("GET /collections/products__1", 200, hidden);
    a.ensured(s);
    a.apply({a.upsert(1)});

    a.server.forget();
    CHECK(a.held(qdrant::samples::key("1")).receipt().has_value());
    CHECK(a.server.seen("GET").empty());  // what is there needs no second look

    a.server.once("GET /collections/products__1", 200, hidden);
    const auto documents =
        a.loop.wait(a.services->sink->lookup(a.products, {qdrant::samples::key("404")}, a.soon()));
    REQUIRE_FALSE(documents);
    CHECK(documents.error().verdict == Verdict::retry);
    CHECK_THAT(documents.error().context, Catch::Contains("hides 3 points"));

    a.server.once("GET /collections/products__1", 200, hidden);
    CHECK_FALSE(a.loop.wait(a.services->sink->count(a.products, a.soon())));
    CHECK(a.held(qdrant::samples::key("404")).chunks.empty());
}

TEST_CASE("a search finds the nearest points by the alias, with a filter and without") {
    Adapter a;
    a.ensured();
    for (int i = 1; i <= 3; ++i) {
        auto operation = a.upsert(i);
        operation.upserts[0].vector = share({"[" + std::to_string(i) + ",1,0,0]", 4});
        operation.upserts[0].payload = "{\"n\":" + std::to_string(i) + "}";
        CHECK(a.apply({operation}).at(0).has_value());
    }
    auto hits = a.loop.wait(a.services->search->search(
        {.collection = a.products, .vector_json = "[1,0,0,0]", .limit = 2}, a.soon()));
    REQUIRE(hits);
    REQUIRE(hits.value().size() == 2);
    CHECK(hits.value()[0].id == a.point(3).value());
    CHECK(hits.value()[0].score > hits.value()[1].score);
    const auto payload = json::parse(hits.value()[0].payload).as_object();
    CHECK(payload.at("n") == 3);
    CHECK(payload.contains("_halcyon"));
    CHECK(a.server.seen("POST /collections/products/points/query").size() == 1);

    hits = a.loop.wait(
        a.services->search->search({.collection = a.products,
                                    .vector_json = "[1,0,0,0]",
                                    .filter_json = R"({"must":[{"key":"n","match":{"value":1}}]})"},
                                   a.soon()));
    REQUIRE(hits);
    REQUIRE(hits.value().size() == 1);
    CHECK(hits.value()[0].id == a.point(1).value());

    hits = a.loop.wait(
        a.services->search->search({.collection = a.products, .vector_json = "[1,0,0]"}, a.soon()));
    REQUIRE_FALSE(hits);
    CHECK(hits.error().verdict == Verdict::reject);
    CHECK(hits.error().cause == Cause::dimension_mismatch);
}
