#include "render/payload.hpp"

#include "unit/render/documents.hpp"

using namespace halcyon;
using render::PayloadField;
using render::PayloadSpec;
using render::test::document;
using render::test::nested;

namespace {

std::string whole(const Document& d) {
    const auto payload = PayloadSpec::compile(std::nullopt, "").value().render(d.bson());
    REQUIRE(payload.has_value());
    return payload.value();
}

std::string listed(std::vector<PayloadField> fields, std::string_view json) {
    const auto spec = PayloadSpec::compile(std::move(fields), "");
    INFO((spec.has_error() ? spec.error().context : ""));
    REQUIRE(spec.has_value());
    return spec.value().render(document(json).bson()).value();
}

std::string refused(std::vector<PayloadField> fields, std::string_view left_out = "") {
    const auto spec = PayloadSpec::compile(std::move(fields), left_out);
    REQUIRE(spec.has_error());
    CHECK(spec.error().verdict == Verdict::reject);
    return spec.error().context;
}

}  // namespace

TEST_CASE("every type has its JSON") {
    struct Case {
        const char* bson;
        const char* json;
    };
    const Case cases[] = {
        {R"("text")", R"("text")"},
        {R"("a\"b\\c\n\u0000\u001f")", R"("a\"b\\c\n\u0000\u001f")"},
        {R"({"$symbol":"s"})", R"("s")"},
        {R"({"$numberInt":"-5"})", "-5"},
        {R"({"$numberLong":"9007199254740993"})", "9007199254740993"},
        {R"({"$numberLong":"-9223372036854775808"})", "-9223372036854775808"},
        {R"({"$numberDouble":"5"})", "5.0"},
        {R"({"$numberDouble":"0.1"})", "0.1"},
        {R"({"$numberDouble":"1e300"})", "1e+300"},
        {R"({"$numberDouble":"NaN"})", "null"},
        {R"({"$numberDouble":"-Infinity"})", "null"},
        {R"({"$numberDecimal":"1.50"})", R"("1.50")"},
        {R"({"$numberDecimal":"NaN"})", "null"},
        {R"({"$numberDecimal":"Infinity"})", "null"},
        {R"({"$date":{"$numberLong":"1767225600123"}})", R"("2026-01-01T00:00:00.123Z")"},
        {R"({"$date":{"$numberLong":"0"}})", R"("1970-01-01T00:00:00.000Z")"},
        {R"({"$date":{"$numberLong":"-62167219200000"}})", R"("0000-01-01T00:00:00.000Z")"},
        {R"({"$date":{"$numberLong":"253402300799999"}})", R"("9999-12-31T23:59:59.999Z")"},
        {R"({"$date":{"$numberLong":"253402300800000"}})", "null"},
        {R"({"$date":{"$numberLong":"-9223372036854775808"}})", "null"},
        {R"({"$oid":"655f0f4d0102030405060708"})", R"("655f0f4d0102030405060708")"},
        {R"({"$binary":{"base64":"AQIDBAUGBwgJCgsMDQ4PEA==","subType":"04"}})",
         R"("01020304-0506-0708-090a-0b0c0d0e0f10")"},
        {R"({"$binary":{"base64":"AQIDBAUGBwgJCgsMDQ4PEA==","subType":"03"}})",
         R"("AQIDBAUGBwgJCgsMDQ4PEA==")"},
        {R"({"$binary":{"base64":"AQID","subType":"04"}})", R"("AQID")"},
        {R"({"$binary":{"base64":"AQID","subType":"02"}})", R"("AQID")"},
        {R"({"$binary":{"base64":"","subType":"00"}})", R"("")"},
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
        {R"({"$undefined":true})", "null"},
        {R"({"$regularExpression":{"pattern":"^a\"","options":"i"}})", R"("/^a\"/i")"},
        {R"({"$code":"f"})", R"("f")"},
        {R"({"$code":"f","$scope":{"x":1}})", R"("f")"},
        {R"({"$timestamp":{"t":5,"i":4294967295}})", R"({"t":5,"i":4294967295})"},
        {R"({"$dbPointer":{"$ref":"d.c","$id":{"$oid":"655f0f4d0102030405060708"}}})",
         R"({"ref":"d.c","id":"655f0f4d0102030405060708"})"},
        {R"({"$minKey":1})", R"("MinKey")"},
        {R"({"$maxKey":1})", R"("MaxKey")"},
        {"{}", "{}"},
        {"[]", "[]"},
        {R"({"a":[1,{"b":"c"},[]],"d":{"e":null}})", R"({"a":[1,{"b":"c"},[]],"d":{"e":null}})"},
        {R"({"a\"b":1})", R"({"a\"b":1})"},
    };
    for (const auto& c : cases) {
        INFO(c.bson);
        const auto d = document("{\"f\":" + std::string(c.bson) + "}");
        CHECK(whole(d) == "{\"f\":" + std::string(c.json) + "}");
        CHECK(listed({{"f", "", false}}, "{\"f\":" + std::string(c.bson) + "}") ==
              "{\"f\":" + std::string(c.json) + "}");
    }
}

TEST_CASE("a whole document comes without its _id and the reserved field") {
    CHECK(whole(document(R"({"_id":1,"a":2,"_halcyon":{"x":1},"b":{"_id":3,"_halcyon":4}})")) ==
          R"({"a":2,"b":{"_id":3,"_halcyon":4}})");
    CHECK(whole(document(R"({"_id":1})")) == "{}");
    const auto spec = PayloadSpec::compile(std::nullopt, "chunk_text").value();
    CHECK(spec.render(document(R"({"a":1,"chunk_text":2})").bson()).value() == R"({"a":1})");
}

TEST_CASE("listed fields come in their listed order, missing ones are left out") {
    const std::string_view json =
        R"({"_id":7,"a":1,"b":{"c":2,"d":3},"tags":["x","y"],"items":[{"n":1},{},{"n":2}],"one":[{"n":1}],"nothing":null})";
    CHECK(listed({}, json) == "{}");
    CHECK(listed({{"b.c", "c", false}, {"a", "", false}}, json) == R"({"c":2,"a":1})");
    CHECK(listed({{"_id", "id", false}}, json) == R"({"id":7})");
    CHECK(listed({{"missing", "", false}, {"a", "", false}, {"b.missing", "", false}}, json) == R"({"a":1})");
    CHECK(listed({{"nothing", "", false}}, json) == R"({"nothing":null})");
    CHECK(listed({{"tags", "", false}}, json) == R"({"tags":["x","y"]})");
    CHECK(listed({{"tags.1", "second", false}}, json) == R"({"second":"y"})");
    CHECK(listed({{"items.n", "n", false}}, json) == R"({"n":[1,2]})");
    CHECK(listed({{"one.n", "n", false}}, json) == R"({"n":[1]})");
    CHECK(listed({{"items.0.n", "n", false}}, json) == R"({"n":1})");
    CHECK(listed({{"a", "x y\"", false}}, json) == R"({"x y\"":1})");
}

TEST_CASE("a path without another name keeps its shape, so that indexes on it work") {
    const std::string_view json = R"({"b":{"c":2,"d":{"e":3}},"a":1})";
    CHECK(listed({{"b.c", "", false}, {"a", "", false}, {"b.d.e", "", false}}, json) ==
          R"({"b":{"c":2,"d":{"e":3}},"a":1})");
    CHECK(listed({{"b.x", "", false}, {"a", "", false}}, json) == R"({"a":1})");
    CHECK(listed({{"b.x.y", "", false}, {"b.c", "", false}}, json) == R"({"b":{"c":2}})");
}

TEST_CASE("a GeoJSON point becomes what Qdrant's geo index reads") {
    const auto geo = [](const std::string& value) {
        return listed({{"at", "", true}}, "{\"at\":" + value + "}");
    };
    CHECK(geo(R"({"type":"Point","coordinates":[15.5,47]})") == R"({"at":{"lon":15.5,"lat":47.0}})");
    CHECK(geo(R"({"coordinates":[15,47,300],"type":"Point"})") == R"({"at":{"lon":15.0,"lat":47.0}})");
    CHECK(geo(R"([{"type":"Point","coordinates":[1,2]},{"type":"Point","coordinates":[3,4]}])") ==
          R"({"at":[{"lon":1.0,"lat":2.0},{"lon":3.0,"lat":4.0}]})");
    for (const auto* bad :
         {R"({"type":"Polygon","coordinates":[[1,2]]})", R"({"type":"Point","coordinates":[1]})",
          R"({"type":"Point","coordinates":[181,2]})", R"({"type":"Point","coordinates":[1,91]})",
          R"({"type":"Point","coordinates":["1","2"]})", R"({"type":"Point"})", R"("Graz")",
          R"({"type":"Point","coordinates":[{"$numberDouble":"NaN"},2]})"})
        CHECK(geo(bad) == R"({"at":null})");
    CHECK(listed({{"at", "", true}}, "{}") == "{}");
}

TEST_CASE("names that cannot be are refused with what to do") {
    CHECK(refused({{"_halcyon", "", false}}).find("reserved") != std::string::npos);
    CHECK(refused({{"_halcyon.version", "v", false}}).find("reserved") != std::string::npos);
    CHECK(refused({{"a", "_halcyon", false}}).find("reserved") != std::string::npos);
    CHECK(refused({{"a", "b.c", false}}).find("dot") != std::string::npos);
    CHECK(refused({{"a.0", "", false}}).find("as:") != std::string::npos);
    CHECK(refused({{"a", "", false}, {"a", "", false}}).find("as") != std::string::npos);
    CHECK(refused({{"a", "", false}, {"a.b", "", false}}).find("as") != std::string::npos);
    CHECK(refused({{"a.b", "", false}, {"a", "", false}}).find("as") != std::string::npos);
    CHECK(refused({{"a", "x", false}, {"x", "", false}}).find("as") != std::string::npos);
    CHECK(refused({{"", "", false}}).find("empty") != std::string::npos);
    CHECK(refused({{"a..b", "", false}}).find("dot") != std::string::npos);
    CHECK(refused({{"text", "", false}}, "text").find("chunk") != std::string::npos);
    CHECK(refused({}, "_halcyon").find("reserved") != std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 are repaired in values and names") {
    std::string bytes;
    const auto opened = bson::open(bytes);
    bson::append_text(bytes, bson::Type::string, "k\xff", "v\xc3|\xed\xa0\x80");
    bson::close(bytes, opened);
    CHECK(whole(Document::trusted(bytes)) ==
          "{\"k\xef\xbf\xbd\":\"v\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}");
}

TEST_CASE("what is nested too deep or too large is refused") {
    const auto spec = PayloadSpec::compile(std::nullopt, "").value();
    CHECK(spec.render(nested(100).bson()).has_value());
    CHECK(spec.render(nested(102).bson()).has_error());
    CHECK(spec.render(nested(100'000).bson()).has_error());
    CHECK(spec.render(nested(100'000, bson::Type::array).bson()).has_error());
    std::string bytes;
    const auto opened = bson::open(bytes);
    bson::append_text(bytes, bson::Type::string, "a", std::string(9 << 20, 'x'));
    bson::close(bytes, opened);
    const auto large = spec.render(bytes);
    REQUIRE(large.has_error());
    CHECK(large.error().verdict == Verdict::reject);
    CHECK(large.error().cause == Cause::too_large);
    CHECK(
        PayloadSpec::compile(std::vector<PayloadField>{{"b", "", false}}, "").value().render(bytes).value() ==
        "{}");
}

TEST_CASE("the digest of a specification follows its meaning") {
    const auto digest = [](const std::optional<std::vector<PayloadField>>& fields,
                           std::string_view left_out = "") {
        return PayloadSpec::compile(fields, left_out).value().digest();
    };
    const std::vector<PayloadField> a{{"a", "", false}};
    CHECK(digest(a) == digest(a));
    std::set<Digest> all{digest(std::nullopt),
                         digest(std::vector<PayloadField>{}),
                         digest(a),
                         digest(a, "text"),
                         digest(std::vector<PayloadField>{{"a", "b", false}}),
                         digest(std::vector<PayloadField>{{"a", "", true}}),
                         digest(std::vector<PayloadField>{{"a", "", false}, {"b", "", false}}),
                         digest(std::vector<PayloadField>{{"b", "", false}, {"a", "", false}})};
    CHECK(all.size() == 8);
}
