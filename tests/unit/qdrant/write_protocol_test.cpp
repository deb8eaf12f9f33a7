#include "qdrant/write_protocol.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "unit/qdrant/recording.hpp"
#include "unit/qdrant/samples.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;
namespace json = boost::json;

namespace {

const CollectionName products("products");

std::string upserted(const std::vector<PointWrite>& points, std::string_view vector_name = {}) {
    ProvenanceEncoder encoder(products);
    std::vector<const PointWrite*> list;
    for (const auto& p : points) list.push_back(&p);
    return upsert_body(list, encoder, vector_name);
}

}  // namespace

TEST_CASE("an upsert carries id, vector, payload and provenance of every point") {
    const auto key = samples::key("7");
    const std::vector<PointWrite> points{
        samples::point(products, key, 0, 2),
        samples::point(products, key, 1, 2, R"({"tags":["a","}"],"n":null})", {"[1,-2e-3,3,4]", 4})};
    const auto body = json::parse(upserted(points)).as_object();
    REQUIRE(body.size() == 1);
    const auto& list = body.at("points").as_array();
    REQUIRE(list.size() == 2);
    CHECK(list[0].as_object().size() == 3);
    CHECK(list[0].at("id").as_string().c_str() == points[0].id.value());
    CHECK(list[0].at("vector") == json::parse("[0.1,0.2,0.3,0.4]"));
    CHECK(list[0].at("payload").at("name") == "lamp");
    CHECK(list[0].at("payload").at("_halcyon").at("chunk") == 0);
    CHECK(list[1].at("vector") == json::parse("[1,-2e-3,3,4]"));
    CHECK(list[1].at("payload").at("tags") == json::parse(R"(["a","}"])"));
    CHECK(list[1].at("payload").at("n").is_null());
    CHECK(list[1].at("payload").at("_halcyon").at("chunk") == 1);
    CHECK(list[1].at("payload").as_object().size() == 3);
}

TEST_CASE("provenance goes into a payload of any form") {
    const auto* payload =
        GENERATE("{}", "{ }", " {\n\t} ", R"({"a":1})", " { \"a\" : 1 } ", "", R"({"a":{}})");
    const auto body =
        json::parse(upserted({samples::point(products, samples::key("7"), 0, 1, payload)})).as_object();
    const auto& stored = body.at("points").at(0).at("payload").as_object();
    CHECK(stored.contains("_halcyon"));
    const bool has_a = std::string_view(payload).find('a') != std::string_view::npos;
    CHECK(stored.contains("a") == has_a);
    CHECK(stored.size() == (has_a ? 2 : 1));
}

TEST_CASE("a named vector is sent under its name") {
    const auto body =
        json::parse(upserted({samples::point(products, samples::key("7"))}, "te\"xt")).as_object();
    CHECK(body.at("points").at(0).at("vector") == json::parse(R"({"te\"xt":[0.1,0.2,0.3,0.4]})"));
}

TEST_CASE("a batch overwrites payloads one point an operation, in order") {
    const auto key = samples::key("7");
    std::vector<PayloadWrite> writes;
    for (std::uint32_t i = 0; i < 2; ++i)
        writes.push_back({point_id(SourceName("mongodb"), products, key, i), R"({"n":1})",
                          samples::provenance(key, i, 2)});
    ProvenanceEncoder encoder(products);
    const auto body = json::parse(payload_body({&writes[0], &writes[1]}, encoder)).as_object();
    const auto& list = body.at("operations").as_array();
    REQUIRE(list.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& one = list[i].as_object();
        REQUIRE(one.size() == 1);
        CHECK(one.at("overwrite_payload").at("points").as_array().size() == 1);
        CHECK(one.at("overwrite_payload").at("points").at(0).as_string().c_str() == writes[i].id.value());
        CHECK(one.at("overwrite_payload").at("payload").at("n") == 1);
        CHECK(one.at("overwrite_payload").at("payload").at("_halcyon").at("chunk") == i);
        CHECK(one.at("overwrite_payload").as_object().size() == 2);
    }
}

TEST_CASE("points are removed by id, never by filter") {
    const PointId a("00000000-0000-4000-8000-000000000000");
    const PointId b("00000000-0000-4000-8000-000000000001");
    CHECK(delete_body({&a, &b}) ==
          R"({"points":["00000000-0000-4000-8000-000000000000","00000000-0000-4000-8000-000000000001"]})");
}

TEST_CASE("a body is never larger than its estimate, so that it is built in one buffer") {
    const auto* id = GENERATE("7", R"("\u0001\"\\\u0001")", R"({"$oid":"5f1a2b3c4d5e6f7081929394"})");
    std::vector<PointWrite> points;
    std::size_t bytes = 32;
    for (std::uint32_t i = 0; i < 20; ++i) {
        points.push_back(samples::point(products, samples::key(id), i, 20));
        bytes += bytes_of(points.back(), "a\"name");
    }
    CHECK(upserted(points, "a\"name").size() <= bytes);
}

TEST_CASE("every write waits, and names time-out and ordering only where there are any") {
    CHECK(write_target("products__1", "", {}) == "/collections/products__1/points?wait=true");
    CHECK(write_target("a b/c", "/batch", {29, "medium"}) ==
          "/collections/a%20b%2Fc/points/batch?wait=true&timeout=29&ordering=medium");
}

TEST_CASE("statuses of recorded updates are read one by one") {
    std::size_t batches = 0;
    for (const auto& row : recorded::rows()) {
        if (!row.is_write()) continue;
        const auto statuses = parse_update(row.reply);
        INFO(row.reply);
        CHECK(statuses.has_value() == (row.status == 200));
        if (statuses && row.target.find("/batch") != std::string::npos)
            batches += statuses->size() == json::parse(row.body).at("operations").as_array().size();
    }
    CHECK(batches >= 2);
    CHECK(parse_update(R"({"result":[{"status":"completed"},{"status":"wait_timeout"},{}]})") ==
          std::vector{UpdateStatus::completed, UpdateStatus::wait_timeout, UpdateStatus::unknown});
    CHECK_FALSE(parse_update(R"({"result":true})"));
    CHECK_FALSE(parse_update("{"));
}

TEST_CASE("the missing point is read from an error's text") {
    CHECK(missing_point("Not found: No point with id 0a-b found") == "0a-b");
    CHECK_FALSE(missing_point("Not found: Collection `x` doesn't exist!"));
}
