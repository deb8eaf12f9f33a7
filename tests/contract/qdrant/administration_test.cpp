// What ensure makes, and what it refuses.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "contract/qdrant/adapter.hpp"

using namespace halcyon;
using namespace halcyon::test;
namespace json = boost::json;

namespace {

Error refused(Adapter& a, const CollectionSpec& s) {
    auto state = a.loop.wait(a.services->sink->ensure(s, a.soon()));
    REQUIRE_FALSE(state);
    return state.error();
}

json::value info(Adapter& a, const std::string& collection) {
    return json::parse(a.raw("GET", "/collections/" + collection));
}

void alias(Adapter& a, const std::string& name, const std::string& collection) {
    a.raw("POST", "/collections/aliases",
          json::serialize(json::object{
              {"actions", {{{"create_alias", {{"collection_name", collection}, {"alias_name", name}}}}}}}));
}

}  // namespace

TEST_CASE("a new collection has its alias last, its indexes first, and an identity") {
    Adapter a;
    auto s = a.spec();
    s.payload_indexes = {{"price", "float"}, {"text", R"({"type":"text","tokenizer":"word"})"}};
    const auto state = a.ensured(s);
    CHECK(state.created);
    CHECK(state.physical == "products__1");
    CHECK(state.identity.size() == 36);
    const auto seen = a.server.seen();
    REQUIRE(seen.size() >= 8);
    std::vector<std::string> writes;
    for (const auto& request : seen)
        if (request.method == "PUT" || request.target == "/collections/aliases")
            writes.push_back(request.method + " " + std::string(request.path()));
    CHECK(writes ==
          std::vector<std::string>{"PUT /collections/products__1", "PUT /collections/products__1/index",
                                   "PUT /collections/products__1/index", "PUT /collections/products__1/index",
                                   "PUT /collections/products__1/index", "POST /collections/aliases"});
    const auto schema = info(a, "products").at("result").at("payload_schema").as_object();
    CHECK(schema.at("_halcyon.ns").at("data_type") == "keyword");
    CHECK(schema.at("_halcyon.key").at("data_type") == "keyword");
    CHECK(schema.at("price").at("data_type") == "float");
    CHECK(schema.at("text").at("data_type") == "text");
}

TEST_CASE("ensure after ensure changes nothing") {
    Adapter a;
    auto s = a.spec();
    s.payload_indexes = {{"price", "float"}};
    a.ensured(s);
    a.server.forget();
    a.ensured(s);
    for (const auto& request : a.server.seen()) {
        INFO(request.method << " " << request.target);
        CHECK((request.method == "GET" || request.target.ends_with("/count")));
    }
}

TEST_CASE("a start that was cut anywhere is completed by the next") {
    const auto* cut = GENERATE("GET /aliases", "PUT /collections/products__1?",
                               "GET /collections/products__1", "PUT /collections/products__1/index",
                               "POST /collections/aliases", "POST /collections/products__1/points/count");
    const auto kind = GENERATE(Act::Kind::drop_before, Act::Kind::drop_after);
    Adapter a;
    a.server.once(cut, {kind});
    // A lost GET is asked again by the client itself, once.
    if (std::string_view(cut).starts_with("GET")) a.server.once(cut, {kind});
    const auto error = refused(a, a.spec());
    INFO(cut << ": " << describe(error));
    CHECK(error.verdict == Verdict::retry);
    CHECK(error.cause == Cause::unavailable);
    const auto state = a.ensured();
    CHECK(state.physical == "products__1");
    CHECK(a.apply({a.upsert(1)}).at(0).has_value());
    CHECK(info(a, "products").at("result").at("payload_schema").as_object().size() == 2);
}

TEST_CASE("a server that is too old is refused before anything is made") {
    Adapter a;
    a.server.once("GET /", 200, R"({"title":"qdrant - vector search engine","version":"1.16.2"})");
    const auto error = refused(a, a.spec());
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::unsupported);
    CHECK(a.server.seen().size() == 1);
}

TEST_CASE("a server that does not say its version is tried") {
    Adapter a;
    a.server.once("GET /", 200, "hello");
    CHECK(a.ensured().created);
}

TEST_CASE("an alias of somebody else's collection is not taken over") {
    Adapter a;
    a.raw("PUT", "/collections/theirs", R"({"vectors":{"size":4,"distance":"Cosine"}})");
    alias(a, "products", "theirs");
    const auto error = refused(a, a.spec());
    CHECK(error.verdict == Verdict::fatal);
    CHECK_THAT(error.context, Catch::Contains("theirs") && Catch::Contains("adopt"));
    auto s = a.spec();
    s.adopt = true;
    CHECK(a.ensured(s).physical == "theirs");
}

TEST_CASE("a collection that was made for another name is not taken over") {
    Adapter a;
    a.ensured();
    alias(a, "goods", "products__1");
    auto s = a.spec();
    s.name = CollectionName("goods");
    const auto error = refused(a, s);
    CHECK(error.cause == Cause::conflict);
    CHECK_THAT(error.context, Catch::Contains("made for `products`"));
}

TEST_CASE("what Qdrant refuses to create is for an operator") {
    Adapter a;
    auto s = a.spec();
    s.payload_indexes = {{"price", "decimal"}};
    const auto error = refused(a, s);
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::invalid);
    CHECK_THAT(error.context, Catch::Contains("price"));
}

TEST_CASE("a wrong API key is named as such, and never shown") {
    Loop loop;
    QdrantDouble server(loop, "the-right-key");
    async::SystemClock clock;
    SeededRandom random(1);
    qdrant::Options options;
    options.url = server.url();
    CollectionSpec s;
    s.name = CollectionName("products");
    s.dimension = 4;
    options.api_key = "the-wrong-key";
    auto wrong = qdrant::make_services(loop.executor(), clock, random, options);
    REQUIRE(wrong);
    const auto refusal = loop.wait(wrong.value().sink->ensure(s, in(std::chrono::seconds(30))));
    REQUIRE_FALSE(refusal);
    CHECK(refusal.error().verdict == Verdict::retry);
    CHECK(refusal.error().cause == Cause::unauthorized);
    CHECK_THAT(refusal.error().context, !Catch::Contains("the-wrong-key"));
    options.api_key = "the-right-key";
    auto right = qdrant::make_services(loop.executor(), clock, random, options);
    REQUIRE(right);
    CHECK(loop.wait(right.value().sink->ensure(s, in(std::chrono::seconds(30)))).has_value());
}

TEST_CASE("the gRPC port is refused before anything is asked") {
    Loop loop;
    async::SystemClock clock;
    SeededRandom random(1);
    qdrant::Options options;
    options.url = "http://127.0.0.1:6334";
    const auto services = qdrant::make_services(loop.executor(), clock, random, options);
    REQUIRE_FALSE(services);
    CHECK(services.error().verdict == Verdict::fatal);
    CHECK_THAT(services.error().context, Catch::Contains("gRPC"));
}

TEST_CASE("an inspection says what ensure would do, and only asks") {
    Adapter a;
    auto s = a.spec();
    s.payload_indexes = {{"price", "float"}};
    auto found = a.loop.wait(a.services->inspector->collection(s, a.soon()));
    REQUIRE(found);
    CHECK_FALSE(found.value().exists);
    CHECK(found.value().physical == "products__1");
    for (const auto& request : a.server.seen()) CHECK(request.method == "GET");
    a.ensured(a.spec());
    a.apply({a.upsert(1), a.upsert(2)});
    a.server.forget();
    found = a.loop.wait(a.services->inspector->collection(s, a.soon()));
    REQUIRE(found);
    CHECK((found.value().exists && found.value().aliased && !found.value().wrong));
    CHECK(found.value().points == 2);
    CHECK(found.value().missing_indexes == std::vector<std::string>{"price"});
    for (const auto& request : a.server.seen())
        CHECK((request.method == "GET" || request.target.find("/count") != std::string::npos));
}

TEST_CASE("an inspection finds what ensure would refuse") {
    Adapter a;
    const auto wrong = [&](const CollectionSpec& s) {
        auto found = a.loop.wait(a.services->inspector->collection(s, a.soon()));
        REQUIRE(found);
        return found.value().wrong;
    };
    a.ensured();
    auto s = a.spec();
    s.dimension = 5;
    REQUIRE(wrong(s));
    CHECK(wrong(s)->cause == Cause::dimension_mismatch);
    s.dimension = 0;
    CHECK_FALSE(wrong(s));
    s.distance = Distance::dot;
    CHECK(wrong(s));
    a.raw("PUT", "/collections/plain", R"({"vectors":{"size":4,"distance":"Cosine"}})");
    auto plain = a.spec();
    plain.name = CollectionName("plain");
    REQUIRE(wrong(plain));
    CHECK(wrong(plain)->cause == Cause::conflict);
    plain.adopt = true;
    CHECK_FALSE(wrong(plain));
}

TEST_CASE("a server's version is told apart: known, newer, too old, silent") {
    Adapter a;
    const auto server = [&](const char* body) {
        a.server.once("GET /", 200, body);
        auto found = a.loop.wait(a.services->inspector->server(a.soon()));
        REQUIRE(found);
        return found.value();
    };
    CHECK(server(R"({"title":"qdrant","version":"1.18.3"})").tried);
    const auto newer = server(R"({"title":"qdrant","version":"1.99.0"})");
    CHECK((newer.supported && !newer.tried));
    CHECK_FALSE(server(R"({"title":"qdrant","version":"1.16.2"})").supported);
    CHECK(server("hello").version.empty());
}
