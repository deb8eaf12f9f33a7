#include "qdrant/admin_protocol.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "unit/qdrant/recording.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;
namespace json = boost::json;

namespace {

CollectionSpec spec() {
    CollectionSpec s;
    s.name = CollectionName("products");
    s.dimension = 4;
    return s;
}

const Identity identity{"11111111-2222-4333-8444-555555555555", "2026-01-01T00:00:00.000Z", "products", 3};

CollectionInfo recorded_info(std::string_view collection, std::string_view has = {}) {
    for (const auto& row : recorded::rows()) {
        if (row.method != "GET" || row.status != 200 ||
            row.target != "/collections/" + std::string(collection))
            continue;
        if (row.reply.find(has) == std::string::npos) continue;
        auto info = parse_collection(row.reply);
        REQUIRE(info);
        return std::move(info).value();
    }
    throw std::runtime_error("no recorded description of " + std::string(collection));
}

void expect(const Result<>& result, Cause cause, const char* text) {
    REQUIRE_FALSE(result);
    CHECK(result.error().verdict == Verdict::fatal);
    CHECK(to_string(result.error().cause) == to_string(cause));
    CHECK_THAT(result.error().context, Catch::Contains(text));
}

}  // namespace

TEST_CASE("a collection is created as the settings say, with vector and identity set") {
    auto s = spec();
    s.distance = Distance::manhattan;
    s.create_json = R"({"on_disk_payload":true,"vectors":{"on_disk":true,"size":9},"metadata":{"team":"x"}})";
    const auto body = create_body(s, identity);
    REQUIRE(body);
    CHECK(json::parse(body.value()) == json::parse(R"({
        "on_disk_payload":true,
        "vectors":{"on_disk":true,"size":4,"distance":"Manhattan"},
        "metadata":{"team":"x","halcyon":{"identity":"11111111-2222-4333-8444-555555555555",
            "created":"2026-01-01T00:00:00.000Z","collection":"products","epoch":3}}})"));
}

TEST_CASE("a named vector is created under its name, beside those of the settings") {
    auto s = spec();
    s.vector_name = "text";
    s.create_json = R"({"vectors":{"image":{"size":2,"distance":"Dot"}}})";
    const auto body = create_body(s, identity);
    REQUIRE(body);
    CHECK(json::parse(body.value()).at("vectors") ==
          json::parse(R"({"image":{"size":2,"distance":"Dot"},"text":{"size":4,"distance":"Cosine"}})"));
}

TEST_CASE("what is passed on at creation must be an object") {
    auto s = spec();
    s.create_json = GENERATE("[]", "3", "{");
    const auto body = create_body(s, identity);
    REQUIRE_FALSE(body);
    CHECK(body.error().verdict == Verdict::fatal);
}

TEST_CASE("index schemas are types or objects") {
    CHECK(index_body("price", "float") == R"({"field_name":"price","field_schema":"float"})");
    CHECK(json::parse(index_body("a\"b", R"({"type":"text","tokenizer":"word"})")) ==
          json::parse(R"({"field_name":"a\"b","field_schema":{"type":"text","tokenizer":"word"}})"));
    CHECK(index_type("float") == "float");
    CHECK(index_type(R"({"type":"keyword","is_tenant":true})") == "keyword");
}

TEST_CASE("recorded descriptions of collections are understood") {
    const auto plain = recorded_info("rec_a");
    REQUIRE(plain.vectors.size() == 1);
    CHECK(plain.vectors.at("").size == 4);
    CHECK(plain.vectors.at("").distance == "Cosine");
    CHECK_FALSE(plain.replicated);
    CHECK_FALSE(plain.upsert_points);
    CHECK(plain.halcyon.identity.empty());

    const auto indexed = recorded_info("rec_a", "f_keyword2");
    CHECK(indexed.indexes.at("f_keyword2") == "keyword");
    CHECK(indexed.indexes.at("f_datetime") == "datetime");

    const auto named = recorded_info("rec_b");
    REQUIRE(named.vectors.size() == 2);
    CHECK(named.vectors.at("image").size == 2);
    CHECK(named.vectors.at("image").distance == "Euclid");

    const auto strict = recorded_info("rec_s");
    CHECK(strict.upsert_points == 2U);
    CHECK(strict.query_limit == 5U);
    CHECK(strict.timeout_s == 10U);
    CHECK_FALSE(strict.condition_size);
}

TEST_CASE("limits of a strict mode that is off do not count") {
    const auto info = parse_collection(
        R"({"result":{"config":{"strict_mode_config":{"enabled":false,"upsert_max_batchsize":2}}}})");
    REQUIRE(info);
    CHECK_FALSE(info.value().upsert_points);
}

TEST_CASE("replicas, deferred points and the identity are found in a description") {
    const auto info = parse_collection(R"({"result":{
        "config":{"params":{"replication_factor":2},"optimizer_config":{"prevent_unoptimized":true},
            "metadata":{"halcyon":{"identity":"i","created":"c","collection":"n","epoch":7}}},
        "update_queue":{"length":1,"deferred_points":5}}})");
    REQUIRE(info);
    CHECK(info.value().replicated);
    CHECK(info.value().prevents_unoptimized);
    CHECK(info.value().deferred_points == 5);
    CHECK(info.value().halcyon.identity == "i");
    CHECK(info.value().halcyon.collection == "n");
    CHECK(info.value().halcyon.epoch == 7);
}

TEST_CASE("a description that is not Qdrant's is refused") {
    CHECK_FALSE(parse_collection("<html>"));
    CHECK_FALSE(parse_collection(R"({"result":{}})"));
    CHECK_FALSE(parse_aliases(R"({"result":{}})"));
    CHECK_FALSE(parse_exists(R"({"result":{}})"));
    CHECK_FALSE(parse_version("{}"));
}

TEST_CASE("recorded aliases, existence and version are read") {
    for (const auto& row : recorded::rows()) {
        if (row.status != 200 || row.method != "GET") continue;
        INFO(row.target << " -> " << row.reply);
        if (row.target == "/aliases") {
            CHECK(parse_aliases(row.reply).value() ==
                  std::vector<std::pair<std::string, std::string>>{{"rec_alias", "rec_a"}});
        } else if (row.target.ends_with("/exists")) {
            CHECK(parse_exists(row.reply).value() == (row.reply.find("true") != std::string::npos));
        } else if (row.target == "/") {
            CHECK(parse_version(row.reply).value() == "1.18.3");
        }
    }
}

TEST_CASE("servers below 1.17 are refused, unknown ones are not") {
    CHECK(judge_version("1.17.0").value());
    CHECK(judge_version("1.18.3").value());
    CHECK(judge_version("1.19.5-dev").value());
    CHECK_FALSE(judge_version("1.20.0").value());
    CHECK_FALSE(judge_version("2.0.0").value());
    CHECK_FALSE(judge_version("nightly").value());
    for (const auto* old : {"1.16.3", "1.9.0", "0.11.1"}) {
        const auto verdict = judge_version(old);
        REQUIRE_FALSE(verdict);
        CHECK(verdict.error().verdict == Verdict::fatal);
        CHECK(verdict.error().cause == Cause::unsupported);
        CHECK_THAT(verdict.error().context, Catch::Contains(old) && Catch::Contains("1.17"));
    }
}

TEST_CASE("a collection must fit the route's vectors") {
    CollectionInfo info;
    info.vectors[""] = {4, "Cosine"};
    CHECK(judge_vectors(spec(), "p", info));
    info.vectors[""].size = 5;
    expect(judge_vectors(spec(), "p", info), Cause::dimension_mismatch, "5 dimensions, the embedder makes 4");
    info.vectors[""] = {4, "Dot"};
    expect(judge_vectors(spec(), "p", info), Cause::invalid, "by Dot, the settings say Cosine");
    info.vectors[""] = {4, "Cosine", true};
    expect(judge_vectors(spec(), "p", info), Cause::invalid, "multivectors");
    info.vectors.clear();
    info.vectors["image"] = {2, "Euclid"};
    info.vectors["text"] = {4, "Cosine"};
    expect(judge_vectors(spec(), "p", info), Cause::invalid,
           "no unnamed vector; its vectors are: image, text");
    auto named = spec();
    named.vector_name = "text";
    CHECK(judge_vectors(named, "p", info));
    named.vector_name = "other";
    expect(judge_vectors(named, "p", info), Cause::invalid, "no vector `other`");
}
