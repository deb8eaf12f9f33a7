#include "qdrant/provenance.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "qdrant/read_protocol.hpp"
#include "unit/qdrant/samples.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;
namespace json = boost::json;

namespace {

std::string encoded(const Provenance& p, const char* collection = "products") {
    ProvenanceEncoder encoder{CollectionName(collection)};
    std::string text;
    encoder.append(text, p);
    return text;
}

// As Qdrant gives it back: through another JSON library, in a page of a scroll.
FoundPage stored(const std::string& halcyon) {
    json::object point{{"id", "00000000-0000-4000-8000-000000000000"},
                       {"payload", {{"_halcyon", json::parse(halcyon)}}}};
    const json::object reply{{"result", {{"points", json::array{point}}, {"next_page_offset", nullptr}}}};
    auto page = parse_scroll(json::serialize(reply));
    REQUIRE(page);
    return std::move(page).value();
}

void same(const Provenance& a, const Provenance& b) {
    CHECK(a.source == b.source);
    CHECK(a.key == b.key);
    CHECK(a.chunk == b.chunk);
    CHECK(a.chunks == b.chunks);
    CHECK(a.text == b.text);
    CHECK(a.payload == b.payload);
    CHECK(a.fingerprint == b.fingerprint);
    CHECK(a.version == b.version);
    CHECK(a.at == b.at);
}

}  // namespace

TEST_CASE("provenance survives the way through Qdrant for every kind of id") {
    const auto* id = GENERATE(
        R"({"$oid":"5f1a2b3c4d5e6f7081929394"})", "5", R"({"$numberLong":"9223372036854775807"})", "1.5",
        R"({"$numberDouble":"NaN"})", R"({"$numberDouble":"-Infinity"})", R"({"$numberDecimal":"1E+400"})",
        R"("5")", R"("")", R"("quote \" backslash \\ slash / tab \t newline \n")", R"("\u0001\u001f")",
        R"("ünï – 日本 🦜")", R"("{\"$oid\":\"5f1a2b3c4d5e6f7081929394\"}")", "true", "null",
        R"({"$date":{"$numberLong":"-62135596800000"}})", R"({"$timestamp":{"t":1,"i":2}})",
        R"({"$binary":{"base64":"AAECAwQFBgcICQoLDA0ODw==","subType":"04"}})",
        R"({"$binary":{"base64":"","subType":"80"}})", R"({"$minKey":1})", R"({"$maxKey":1})",
        R"({"a":{"$numberInt":"1"},"b":[1,{"c":"x"}],"":""})",
        R"({"$regularExpression":{"pattern":"a/b","options":"i"}})", R"("a\u0000b")");
    const auto p = samples::provenance(samples::key(id), 2, 3);
    const auto text = encoded(p);
    INFO(id << " -> " << text);
    const auto page = stored(text);
    CHECK(page.foreign == 0);
    REQUIRE(page.chunks.size() == 1);
    same(page.chunks[0].held.provenance, p);
    CHECK(page.chunks[0].tag == document_tag(p.source, CollectionName("products"), p.key));
}

TEST_CASE("provenance survives for ids that are no JSON, and for those that look like its types") {
    const auto id = GENERATE(as<std::string>(), std::string("\x02_id\0\x03\0\0\0\xff\xfe\0", 12),
                             std::string("\x03_id\0\x18\0\0\0\x02$numberLong\0\x02\0\0\0"
                                         "5\0\0",
                                         29));
    const auto length = static_cast<char>(id.size() + 5);
    const auto document = std::string{length, '\0', '\0', '\0'} + id + '\0';
    auto p = samples::provenance(samples::key("7"));
    p.key.id = DocId::of(document).value();
    const auto page = stored(encoded(p));
    REQUIRE(page.chunks.size() == 1);
    same(page.chunks[0].held.provenance, p);
}

TEST_CASE("provenance survives for every kind of name") {
    const auto* database = GENERATE("shop", "sh\"op", "d\xc3\xa9p\xc3\xb4t", "a\x01z");
    const auto* collection = GENERATE("products", "a.b.c", ".x", "system.\"q\"\\", "\xe6\x97\xa5");
    auto p = samples::provenance(samples::key("7", database, collection));
    p.source = SourceName("other\nsource");
    const auto page = stored(encoded(p));
    REQUIRE(page.chunks.size() == 1);
    same(page.chunks[0].held.provenance, p);
}

TEST_CASE("provenance survives for every kind of time") {
    const auto ms = GENERATE(0LL, 1LL, -1LL, 951'782'399'999LL, 951'782'400'000LL, 253'402'300'799'999LL);
    auto p = samples::provenance(samples::key("7"));
    p.at = {ms};
    const auto page = stored(encoded(p));
    REQUIRE(page.chunks.size() == 1);
    same(page.chunks[0].held.provenance, p);
}

TEST_CASE("a database with dots is told from its collection") {
    auto one = samples::provenance(samples::key("7", "a.b", "c"));
    auto other = samples::provenance(samples::key("7", "a", "b.c"));
    same(stored(encoded(one)).chunks.at(0).held.provenance, one);
    same(stored(encoded(other)).chunks.at(0).held.provenance, other);
}

TEST_CASE("the object's form is the documented one") {
    const auto p = samples::provenance(samples::key("7"), 1, 2);
    const auto object = json::parse(encoded(p)).as_object();
    CHECK(object.at("source") == "mongodb");
    CHECK(object.at("ns") == "shop.products");
    CHECK(object.at("db") == "shop");
    CHECK(object.at("id") == R"({"$numberLong":"7"})");
    CHECK(object.at("key").as_string().c_str() ==
          point_id(p.source, CollectionName("products"), p.key, 0).value());
    CHECK(object.at("chunk") == 1);
    CHECK(object.at("chunks") == 2);
    CHECK(object.at("text") == "0123456789abcdef0000000000000001");
    CHECK(object.at("payload") == "0000000000000000fedcba9876543210");
    CHECK(object.at("fp") == "00000000000000070000000000000008");
    CHECK(object.at("version") == "00000003-655f0f4d-00000009-ffffffff");
    CHECK(object.at("at") == "2026-01-01T00:00:00.123Z");
    CHECK(object.size() == 12);
}

TEST_CASE("an encoder that goes from document to document mixes nothing up") {
    ProvenanceEncoder encoder{CollectionName("products")};
    for (const auto* id : {"1", "2", "2", "1"}) {
        for (std::uint32_t chunk = 0; chunk < 2; ++chunk) {
            auto p = samples::provenance(samples::key(id), chunk, 2);
            p.version.operation = chunk;
            std::string text;
            encoder.append(text, p);
            CHECK(text == encoded(p));
        }
    }
}

TEST_CASE("the estimate of its size is never too low") {
    const auto* id =
        GENERATE("7", R"("\u0001\u0001\u0001\u0001\u0001\u0001")",
                 R"([{"$undefined":true},{"$undefined":true},{"$undefined":true},{"$undefined":true}])",
                 R"([{"$minKey":1},{"$minKey":1},null,null,true,false,1.7976931348623157e308])");
    std::string wild(200, '\x01');
    const auto p = samples::provenance(samples::key(
        std::string_view(id).front() == '[' ? "{\"a\":" + std::string(id) + "}" : std::string(id), wild,
        wild));
    CHECK(encoded(p).size() <= provenance_bytes(p));
}

TEST_CASE("a point whose provenance does not decode is not counted") {
    const auto good = json::parse(encoded(samples::provenance(samples::key("7")))).as_object();
    REQUIRE(stored(json::serialize(good)).chunks.size() == 1);
    const auto& [name, value] =
        GENERATE(table<std::string, json::value>({{"source", ""},
                                                  {"ns", "shop"},
                                                  {"db", "sho"},
                                                  {"id", "{broken"},
                                                  {"id", ""},
                                                  {"chunk", 1},
                                                  {"chunk", -1},
                                                  {"chunk", "0"},
                                                  {"chunks", 0},
                                                  {"chunks", 4294967296ULL},
                                                  {"text", "xyz"},
                                                  {"payload", ""},
                                                  {"fp", 5},
                                                  {"version", "1"},
                                                  {"at", "yesterday"},
                                                  {"at", "2026-02-30T00:00:00.000Z"}}));
    auto bad = good;
    bad[name] = value;
    INFO(name << " = " << value);
    const auto page = stored(json::serialize(bad));
    CHECK(page.chunks.empty());
    CHECK(page.foreign == 1);
    bad.erase(name);
    CHECK(stored(json::serialize(bad)).chunks.empty());
}
