#include "core/document.hpp"

#include <string>

#include "core/bson.hpp"
#include "core/key.hpp"

using namespace halcyon;

namespace {

/// Every type of BSON, nested.
std::string sample() {
    auto made = Document::from_json(R"({
        "_id": {"$oid": "655f0f4d0102030405060708"}, "double": {"$numberDouble": "2.5"}, "text": "caf\u00e9",
        "object": {"a": {"b": {"$numberInt": "1"}}}, "array": [1, "two", [3]],
        "binary": {"$binary": {"base64": "AQID", "subType": "00"}}, "old": {"$binary": {"base64": "AQID", "subType": "02"}},
        "undefined": {"$undefined": true}, "yes": true, "date": {"$date": {"$numberLong": "1700000000000"}}, "null": null,
        "regex": {"$regularExpression": {"pattern": "^a", "options": "i"}},
        "pointer": {"$dbPointer": {"$ref": "db.c", "$id": {"$oid": "655f0f4d0102030405060708"}}},
        "code": {"$code": "f(x);"}, "symbol": {"$symbol": "s"}, "scoped": {"$code": "f(x);", "$scope": {"x": {"$numberInt": "1"}}},
        "timestamp": {"$timestamp": {"t": 1, "i": 2}}, "long": {"$numberLong": "5"},
        "decimal": {"$numberDecimal": "1.50"}, "min": {"$minKey": 1}, "max": {"$maxKey": 1}})");
    REQUIRE(made.has_value());
    return std::string(made.value().bson());
}

std::string nested(unsigned levels) {
    std::string out;
    for (unsigned i = levels; i > 0; --i) {
        const std::uint32_t length =
            5 + 8 * (i - 1);  // each level: length, type, "a", NUL, what is inside, NUL
        out.append(reinterpret_cast<const char*>(&length), sizeof length);
        if (i > 1) bson::append(out, bson::Type::object, "a", {});
    }
    return out.append(levels, '\0');
}

}  // namespace

TEST_CASE("a document of every type is taken and written as canonical extended JSON") {
    const auto made = Document::from_bson(sample());
    REQUIRE(made.has_value());
    CHECK(
        made.value().to_json() ==
        R"({"_id":{"$oid":"655f0f4d0102030405060708"},"double":{"$numberDouble":"2.5"},"text":"café",)"
        R"("object":{"a":{"b":{"$numberInt":"1"}}},"array":[{"$numberInt":"1"},"two",[{"$numberInt":"3"}]],)"
        R"("binary":{"$binary":{"base64":"AQID","subType":"00"}},"old":{"$binary":{"base64":"AQID","subType":"02"}},)"
        R"("undefined":{"$undefined":true},"yes":true,"date":{"$date":{"$numberLong":"1700000000000"}},"null":null,)"
        R"("regex":{"$regularExpression":{"pattern":"^a","options":"i"}},)"
        R"("pointer":{"$dbPointer":{"$ref":"db.c","$id":{"$oid":"655f0f4d0102030405060708"}}},)"
        R"("code":{"$code":"f(x);"},"symbol":{"$symbol":"s"},"scoped":{"$code":"f(x);","$scope":{"x":{"$numberInt":"1"}}},)"
        R"("timestamp":{"$timestamp":{"t":1,"i":2}},"long":{"$numberLong":"5"},)"
        R"("decimal":{"$numberDecimal":"1.50"},"min":{"$minKey":1},"max":{"$maxKey":1}})");
}

TEST_CASE("canonical extended JSON reads back as the same bytes") {
    const auto made = Document::from_bson(sample());
    REQUIRE(made.has_value());
    const auto back = Document::from_json(made.value().to_json());
    REQUIRE(back.has_value());
    CHECK(back.value().bson() == made.value().bson());
}

TEST_CASE("every truncation of a document is refused") {
    const auto bytes = sample();
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        INFO("cut at " << n);
        CHECK(Document::from_bson(std::string_view(bytes).substr(0, n)).has_error());
        auto patched = bytes.substr(0, n);
        if (n < 4) continue;
        const auto length = static_cast<std::uint32_t>(n);
        patched.replace(0, 4, reinterpret_cast<const char*>(&length), 4);
        const auto result = Document::from_bson(patched);
        if (result.has_value()) CHECK(result.value().size() == n);
    }
}

TEST_CASE("every flipped bit gives an error or a document that can be written") {
    const auto bytes = sample();
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto flipped = bytes;
            flipped[i] = static_cast<char>(static_cast<unsigned char>(flipped[i]) ^ (1U << bit));
            const auto result = Document::from_bson(flipped);
            if (result.has_value()) CHECK(!result.value().to_json().empty());
            const auto trusted = Document::trusted(flipped);
            CHECK(!trusted.to_json().empty());
            const auto id = DocId::of(flipped);
            if (id.has_value()) CHECK(!id.value().json().empty());
        }
}

TEST_CASE("a refusal says reject and invalid") {
    const auto result = Document::from_bson("nonsense");
    REQUIRE(result.has_error());
    CHECK(result.error().verdict == Verdict::reject);
    CHECK(result.error().cause == Cause::invalid);
}

TEST_CASE("nesting is bounded") {
    CHECK(Document::from_bson(nested(bson::max_depth)).has_value());
    CHECK(Document::from_bson(nested(bson::max_depth + 1)).has_error());
    CHECK(Document::from_bson(nested(100'000)).has_error());
    CHECK(Document::trusted(nested(100'000)).to_json().size() < 10'000);
}

TEST_CASE("a document with bytes that are no UTF-8 can still be shown") {
    std::string bytes;
    const auto opened = bson::open(bytes);
    bson::append_text(bytes, bson::Type::string, "a\xff", "b\xc3");
    bson::close(bytes, opened);
    const auto made = Document::from_bson(bytes);
    REQUIRE(made.has_value());
    CHECK(made.value().to_json() == "{\"a\xef\xbf\xbd\":\"b\xef\xbf\xbd\"}");
}

TEST_CASE("text that is not exactly one JSON object is refused") {
    for (const std::string_view text :
         {"", " ", "5", "[1]", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1}{\"b\":2}", "{\"a\":tru}", "{a:1}",
          "{\"a\":{\"$oid\":\"zz\"}}", "{\"a\":1} x"}) {
        INFO(text);
        CHECK(Document::from_json(text).has_error());
    }
    CHECK(Document::from_json(" {} \n").has_value());
}

TEST_CASE("copies share their bytes, and nothing is empty") {
    const Document none;
    CHECK(none.empty());
    CHECK(none.bson().empty());
    CHECK(none.to_json() == "{}");
    const auto made = Document::from_bson(sample()).value();
    const Document copy = made;  // NOLINT: the copy is the point
    CHECK(copy.bson().data() == made.bson().data());
}
