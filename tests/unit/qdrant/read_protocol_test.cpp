#include "qdrant/read_protocol.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "unit/qdrant/recording.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;
namespace json = boost::json;

TEST_CASE("a look-up filters by the indexed key and wants provenance only") {
    const auto body = json::parse(lookup_body({"a", "b"}, {}, 100));
    CHECK(body == json::parse(R"({"filter":{"must":[{"key":"_halcyon.key","match":{"any":["a","b"]}}]},
                                  "limit":100,"with_payload":["_halcyon"],"with_vector":false})"));
}

TEST_CASE("a scroll goes on where it was, at UUIDs and at numbers") {
    CHECK(json::parse(scroll_body("00000000-0000-4000-8000-000000000002", 3)).at("offset") ==
          "00000000-0000-4000-8000-000000000002");
    CHECK(json::parse(scroll_body("9", 3)).at("offset") == 9);
    for (const auto* text : {"007", "", "18446744073709551616", "-1"})
        CHECK(json::parse(scroll_body(text, 3)).at("offset") == text);
    CHECK_FALSE(json::parse(scroll_body({}, 3)).as_object().contains("offset"));
    CHECK_FALSE(json::parse(scroll_body({}, 3)).as_object().contains("filter"));
}

TEST_CASE("recorded pages are read with their next offset") {
    std::size_t pages = 0;
    std::size_t with_next = 0;
    for (const auto& row : recorded::rows()) {
        if (row.method != "POST" || !row.target.ends_with("/scroll") || row.status != 200) continue;
        const auto page = parse_scroll(row.reply);
        INFO(row.reply);
        REQUIRE(page);
        const auto reply = json::parse(row.reply).at("result");
        CHECK(page.value().foreign == reply.at("points").as_array().size());
        const auto& next = reply.at("next_page_offset");
        CHECK(page.value().next.has_value() == !next.is_null());
        if (next.is_number()) CHECK(page.value().next == std::to_string(next.to_number<std::uint64_t>()));
        if (next.is_string()) CHECK(page.value().next == next.as_string().c_str());
        ++pages;
        with_next += page.value().next.has_value();
    }
    CHECK(pages >= 7);
    CHECK(with_next >= 2);
}

TEST_CASE("a page that is not Qdrant's is never taken for an empty one") {
    const auto* body = GENERATE("", "{}", R"({"result":null})", R"({"result":{"points":null}})", "<html>",
                                R"({"result":{"points":[],"next_page_offset":{"odd":1}}})");
    const auto page = parse_scroll(body);
    REQUIRE_FALSE(page);
    CHECK(page.error().verdict == Verdict::retry);
    CHECK(page.error().cause == Cause::unavailable);
}

TEST_CASE("recorded counts and queries are read") {
    std::size_t counts = 0;
    std::size_t queries = 0;
    for (const auto& row : recorded::rows()) {
        if (row.status != 200) continue;
        INFO(row.reply);
        if (row.target.ends_with("/count")) {
            const auto count = parse_count(row.reply);
            REQUIRE(count);
            CHECK(count.value() ==
                  json::parse(row.reply).at("result").at("count").to_number<std::uint64_t>());
            ++counts;
        }
        if (row.target.ends_with("/query")) {
            const auto hits = parse_query(row.reply);
            REQUIRE(hits);
            const auto reply = json::parse(row.reply);
            const auto& points = reply.at("result").at("points").as_array();
            REQUIRE(hits.value().size() == points.size());
            for (std::size_t i = 0; i < points.size(); ++i) {
                CHECK(hits.value()[i].score == Approx(points[i].at("score").to_number<double>()));
                const auto* payload = points[i].as_object().if_contains("payload");
                CHECK(json::parse(hits.value()[i].payload) ==
                      (payload ? *payload : json::value(json::object())));
            }
            ++queries;
        }
    }
    CHECK(counts >= 3);
    CHECK(queries >= 4);
    CHECK_FALSE(parse_count(R"({"result":{"count":-1}})"));
    CHECK_FALSE(parse_query(R"({"result":{}})"));
}

TEST_CASE("a query names vector and filter only where there are any") {
    CHECK(json::parse(query_body("[1,0]", "", "", 5)) ==
          json::parse(R"({"query":[1,0],"limit":5,"with_payload":true})"));
    CHECK(
        json::parse(query_body("[1,0]", "text", R"({"must":[]})", 5)) ==
        json::parse(R"({"query":[1,0],"using":"text","filter":{"must":[]},"limit":5,"with_payload":true})"));
}

TEST_CASE("consistency and time-out are sent only where there are any") {
    CHECK(read_target("c", "scroll", {}) == "/collections/c/points/scroll");
    CHECK(read_target("c", "count", {0, "all"}) == "/collections/c/points/count?consistency=all");
    CHECK(read_target("c", "query", {5, "all"}) == "/collections/c/points/query?timeout=5&consistency=all");
}
