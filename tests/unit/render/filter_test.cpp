#include "render/filter.hpp"

#include "render/compare.hpp"
#include "unit/render/documents.hpp"

using namespace halcyon;
using render::Filter;
using render::test::document;
using render::test::nested;

namespace {

bool matches(const std::string& filter, const std::string& json) {
    const auto made = Filter::compile(filter);
    INFO(filter << (made.has_error() ? ": " + describe(made.error()) : ""));
    REQUIRE(made.has_value());
    const auto result = made.value().matches(document(json).bson());
    REQUIRE(result.has_value());
    return result.value();
}

std::string refusal(const std::string& filter) {
    const auto made = Filter::compile(filter);
    INFO(filter);
    REQUIRE(made.has_error());
    CHECK(made.error().verdict == Verdict::reject);
    CHECK(made.error().cause == Cause::invalid);
    return made.error().context;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a filter matches as MongoDB does") {
    struct Case {
        const char* filter;
        const char* document;
        bool matches;
    };
    const Case cases[] = {
        {"", R"({"a":1})", true},
        {"{}", R"({"a":1})", true},
        // equality
        {R"({"a":1})", R"({"a":1})", true},
        {R"({"a":1})", R"({"a":2})", false},
        {R"({"a":1})", R"({"a":"1"})", false},
        {R"({"a":1})", R"({})", false},
        {R"({"a":1,"b":2})", R"({"a":1,"b":2,"c":3})", true},
        {R"({"a":1,"b":2})", R"({"a":1,"b":3})", false},
        {R"({"a":{"$eq":"x"}})", R"({"a":"x"})", true},
        {R"({"a":"x"})", R"({"a":"X"})", false},
        {R"({"a":"x"})", R"({"a":{"$symbol":"x"}})", true},
        {R"({"a":true})", R"({"a":1})", false},
        {R"({"a":false})", R"({"a":false})", true},
        {R"({"a":{"$oid":"655f0f4d0102030405060708"}})", R"({"a":{"$oid":"655f0f4d0102030405060708"}})",
         true},
        {R"({"a":{"$oid":"655f0f4d0102030405060708"}})", R"({"a":"655f0f4d0102030405060708"})", false},
        {R"({"a":{"$date":"2026-01-01T00:00:00Z"}})", R"({"a":{"$date":{"$numberLong":"1767225600000"}}})",
         true},
        // numbers across types
        {R"({"a":5})", R"({"a":{"$numberLong":"5"}})", true},
        {R"({"a":5})", R"({"a":5.0})", true},
        {R"({"a":5})", R"({"a":{"$numberDecimal":"5.00"}})", true},
        {R"({"a":0})", R"({"a":{"$numberDouble":"-0.0"}})", true},
        {R"({"a":{"$numberLong":"9007199254740993"}})", R"({"a":{"$numberDouble":"9007199254740992"}})",
         false},
        {R"({"a":{"$gt":{"$numberDouble":"9007199254740992"}}})",
         R"({"a":{"$numberLong":"9007199254740993"}})", true},
        {R"({"a":{"$numberDecimal":"0.1"}})", R"({"a":0.1})", false},
        {R"({"a":{"$gt":2.5}})", R"({"a":{"$numberDecimal":"2.6"}})", true},
        // null and missing
        {R"({"a":null})", R"({"a":null})", true},
        {R"({"a":null})", R"({})", true},
        {R"({"a":null})", R"({"a":{"$undefined":true}})", true},
        {R"({"a":null})", R"({"a":0})", false},
        {R"({"a":null})", R"({"a":[]})", false},
        {R"({"a":null})", R"({"a":[1,null]})", true},
        {R"({"a":{"$ne":null}})", R"({})", false},
        {R"({"a":{"$ne":null}})", R"({"a":1})", true},
        {R"({"a":{"$gte":null}})", R"({})", true},
        {R"({"a":{"$gt":null}})", R"({})", false},
        {R"({"a.b":null})", R"({"a":5})", true},
        {R"({"a.b":null})", R"({"a":{}})", true},
        {R"({"a.b":null})", R"({"a":{"b":1}})", false},
        {R"({"a.b":null})", R"({"a":[{"b":1},{}]})", true},
        {R"({"a.b":null})", R"({"a":[{"b":1}]})", false},
        {R"({"a.b":null})", R"({"a":[]})", false},
        {R"({"a.b":null})", R"({"a":[1,2]})", false},
        // not equal
        {R"({"a":{"$ne":1}})", R"({"a":2})", true},
        {R"({"a":{"$ne":1}})", R"({"a":1})", false},
        {R"({"a":{"$ne":1}})", R"({})", true},
        {R"({"a":{"$ne":1}})", R"({"a":[1,2]})", false},
        {R"({"a":{"$ne":1}})", R"({"a":[2,3]})", true},
        // in
        {R"({"a":{"$in":[1,"x"]}})", R"({"a":"x"})", true},
        {R"({"a":{"$in":[1,"x"]}})", R"({"a":"y"})", false},
        {R"({"a":{"$in":[]}})", R"({"a":"y"})", false},
        {R"({"a":{"$in":[null]}})", R"({})", true},
        {R"({"a":{"$in":[1,2]}})", R"({"a":[5,2]})", true},
        {R"({"a":{"$in":[[1,2]]}})", R"({"a":[1,2]})", true},
        {R"({"a":{"$nin":[1,2]}})", R"({"a":3})", true},
        {R"({"a":{"$nin":[1,2]}})", R"({"a":[3,2]})", false},
        {R"({"a":{"$nin":[1,2]}})", R"({})", true},
        {R"({"a":{"$nin":[null]}})", R"({})", false},
        {R"({"a":{"$nin":[]}})", R"({})", true},
        // order, within one type
        {R"({"a":{"$gt":1}})", R"({"a":2})", true},
        {R"({"a":{"$gt":1}})", R"({"a":1})", false},
        {R"({"a":{"$gte":1}})", R"({"a":1})", true},
        {R"({"a":{"$lt":1}})", R"({"a":0.5})", true},
        {R"({"a":{"$lte":1}})", R"({"a":1.5})", false},
        {R"({"a":{"$gt":1}})", R"({"a":"2"})", false},
        {R"({"a":{"$lt":"b"}})", R"({"a":"a"})", true},
        {R"({"a":{"$lt":"b"}})", R"({"a":5})", false},
        {R"({"a":{"$lt":5}})", R"({"a":null})", false},
        {R"({"a":{"$lt":5}})", R"({})", false},
        {R"({"a":{"$gt":1,"$lt":5}})", R"({"a":3})", true},
        {R"({"a":{"$gt":1,"$lt":5}})", R"({"a":7})", false},
        {R"({"a":{"$gt":1,"$lt":5}})", R"({"a":[0,9]})", true},
        {R"({"a":{"$gt":1}})", R"({"a":[0,2]})", true},
        {R"({"a":{"$gt":1}})", R"({"a":[0,1]})", false},
        {R"({"a":{"$gte":{"$date":"2026-01-01T00:00:00Z"}}})", R"({"a":{"$date":"2026-01-02T00:00:00Z"}})",
         true},
        {R"({"a":{"$gte":{"$date":"2026-01-01T00:00:00Z"}}})", R"({"a":"2026-01-02"})", false},
        {R"({"a":{"$lt":{"$oid":"655f0f4d0102030405060709"}}})",
         R"({"a":{"$oid":"655f0f4d0102030405060708"}})", true},
        {R"({"a":{"$gt":{"$minKey":1}}})", R"({"a":"anything"})", true},
        {R"({"a":{"$lt":{"$maxKey":1}}})", R"({"a":5})", true},
        {R"({"a":{"$gt":false}})", R"({"a":true})", true},
        // NaN
        {R"({"a":{"$numberDouble":"NaN"}})", R"({"a":{"$numberDecimal":"NaN"}})", true},
        {R"({"a":{"$lt":5}})", R"({"a":{"$numberDouble":"NaN"}})", false},
        {R"({"a":{"$gte":{"$numberDouble":"NaN"}}})", R"({"a":{"$numberDouble":"NaN"}})", true},
        {R"({"a":{"$gt":{"$numberDouble":"NaN"}}})", R"({"a":5})", false},
        {R"({"a":{"$lt":{"$numberDouble":"Infinity"}}})", R"({"a":5})", true},
        // exists
        {R"({"a":{"$exists":true}})", R"({"a":null})", true},
        {R"({"a":{"$exists":true}})", R"({})", false},
        {R"({"a":{"$exists":false}})", R"({})", true},
        {R"({"a":{"$exists":1}})", R"({"a":1})", true},
        {R"({"a.b":{"$exists":false}})", R"({"a":[]})", true},
        {R"({"a.b":{"$exists":true}})", R"({"a":[{"c":1},{"b":1}]})", true},
        {R"({"a.5":{"$exists":false}})", R"({"a":[1]})", true},
        // not
        {R"({"a":{"$not":{"$gt":5}}})", R"({"a":3})", true},
        {R"({"a":{"$not":{"$gt":5}}})", R"({"a":7})", false},
        {R"({"a":{"$not":{"$gt":5}}})", R"({})", true},
        {R"({"a":{"$not":{"$gt":5}}})", R"({"a":"x"})", true},
        {R"({"a":{"$not":{"$gt":5,"$lt":9}}})", R"({"a":7})", false},
        {R"({"a":{"$not":{"$not":{"$eq":1}}}})", R"({"a":1})", true},
        // and, or
        {R"({"$and":[{"a":1},{"b":2}]})", R"({"a":1,"b":2})", true},
        {R"({"$and":[{"a":1},{"b":2}]})", R"({"a":1})", false},
        {R"({"$or":[{"a":1},{"b":2}]})", R"({"b":2})", true},
        {R"({"$or":[{"a":1},{"b":2}]})", R"({"b":3})", false},
        {R"({"c":3,"$or":[{"a":1},{"b":2}]})", R"({"b":2})", false},
        {R"({"$or":[{"$and":[{"a":1},{"b":1}]},{"c":1}]})", R"({"a":1,"b":1})", true},
        {R"({"$or":[{}]})", R"({})", true},
        // arrays and documents
        {R"({"a":[1,2]})", R"({"a":[1,2]})", true},
        {R"({"a":[1,2]})", R"({"a":[2,1]})", false},
        {R"({"a":[1,2]})", R"({"a":[[1,2],3]})", true},
        {R"({"a":2})", R"({"a":[1,2]})", true},
        {R"({"a":2})", R"({"a":[[2]]})", false},
        {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1,"c":2.0}})", true},
        {R"({"a":{"b":1,"c":2}})", R"({"a":{"c":2,"b":1}})", false},
        {R"({"a":{"b":1}})", R"({"a":{"b":1,"c":2}})", false},
        {R"({"a":{"b":1}})", R"({"a":[{"b":1}]})", true},
        {R"({"a":{}})", R"({"a":{}})", true},
        {R"({"a":{}})", R"({"a":[]})", false},
        {R"({"a":{"$gt":{"b":1}}})", R"({"a":{"b":2}})", true},
        {R"({"a":{"$gt":{"b":1}}})", R"({"a":{"b":1,"c":0}})", true},
        {R"({"a":{"$gt":[1]}})", R"({"a":[2]})", true},
        // paths
        {R"({"a.b":1})", R"({"a":{"b":1}})", true},
        {R"({"a.b.c":1})", R"({"a":{"b":{"c":1}}})", true},
        {R"({"a.b":1})", R"({"a":[{"b":2},{"b":1}]})", true},
        {R"({"a.b":1})", R"({"a":[{"b":[2,1]}]})", true},
        {R"({"a.0":1})", R"({"a":[1,2]})", true},
        {R"({"a.1":1})", R"({"a":[1,2]})", false},
        {R"({"a.0.b":1})", R"({"a":[{"b":1},{"b":2}]})", true},
        {R"({"a.1.b":1})", R"({"a":[{"b":1},{"b":2}]})", false},
        {R"({"a.0":1})", R"({"a":{"0":1}})", true},
        {R"({"a.0.b":null})", R"({"a":[{"b":1}]})", false},
        {R"({"a.0.b":null})", R"({"a":[{"c":1}]})", true},
        {R"({"a.5":null})", R"({"a":[1]})", true},
        {R"({"a.0":1})", R"({"a":[{"0":1}]})", true},
        {R"({"a.b":{"$ne":1}})", R"({"a":[{"b":1},{"b":2}]})", false},
        {R"({"a":{"$binary":{"base64":"AQI=","subType":"00"}}})",
         R"({"a":{"$binary":{"base64":"AQI=","subType":"00"}}})", true},
        {R"({"a":{"$binary":{"base64":"AQI=","subType":"00"}}})",
         R"({"a":{"$binary":{"base64":"AQI=","subType":"05"}}})", false},
    };
    for (const auto& c : cases) {
        INFO(c.filter << " on " << c.document);
        CHECK(matches(c.filter, c.document) == c.matches);
    }
}

TEST_CASE("an unknown operator is refused with the one that was meant") {
    CHECK(holds(refusal(R"({"a":{"$gtt":1}})"), "$gt"));
    CHECK(holds(refusal(R"({"a":{"$exist":true}})"), "did you mean $exists?"));
    CHECK(holds(refusal(R"({"$Or":[{"a":1}]})"), "did you mean $or?"));
    CHECK(holds(refusal(R"({"a":{"$elemMatch":{"b":1}}})"), "$elemMatch is no operator here"));
    CHECK(holds(refusal(R"({"$where":"true"})"), "$where is no operator here"));
    CHECK(holds(refusal(R"({"$nor":[{"a":1}]})"), "$nor is no operator here"));
    CHECK(holds(refusal(R"({"a":{"$not":{"$foo":1}}})"), "$foo"));
    CHECK(holds(refusal(R"({"$or":[{"a":{"$foo":1}}]})"), "$foo"));
}

TEST_CASE("a filter that means nothing is refused with an example") {
    CHECK(holds(refusal(R"({"a":{"$in":1}})"), "list"));
    CHECK(holds(refusal(R"({"a":{"$exists":"yes"}})"), "true or false"));
    CHECK(holds(refusal(R"({"a":{"$not":5}})"), "$not"));
    CHECK(holds(refusal(R"({"a":{"$not":{"b":1}}})"), "$not"));
    CHECK(holds(refusal(R"({"a":{"$and":[{"b":1}]}})"), "outside"));
    CHECK(holds(refusal(R"({"$gt":5})"), "inside of a field"));
    CHECK(holds(refusal(R"({"$not":{"a":1}})"), "inside of a field"));
    CHECK(holds(refusal(R"({"$or":[]})"), "list"));
    CHECK(holds(refusal(R"({"$or":{"a":1}})"), "list"));
    CHECK(holds(refusal(R"({"$and":[1]})"), "no object"));
    CHECK(holds(refusal(R"({"a":{"$gt":1,"b":2}})"), "mixes"));
    CHECK(holds(refusal(R"({"a..b":1})"), "dot"));
    CHECK(
        holds(refusal(R"({"a":{"$regularExpression":{"pattern":"x","options":""}}})"), "regular expression"));
    CHECK(holds(refusal(R"({"a":{"$in":[{"$regularExpression":{"pattern":"x","options":""}}]}})"),
                "regular expression"));
    CHECK(holds(refusal("status: active"), "JSON"));
    CHECK(holds(refusal("[1]"), "JSON"));
}

TEST_CASE("white space in a filter does not change its digest, a value does") {
    const auto digest = [](std::string_view json) { return Filter::compile(json).value().digest(); };
    CHECK(digest(R"({"a":1})") == digest(R"(  { "a" : 1 } )"));
    CHECK(digest(R"({"a":1})") != digest(R"({"a":2})"));
    CHECK(digest("") != digest(R"({"a":1})"));
}

TEST_CASE("values that are nested too deep are not compared") {
    const auto compare = [](const Document& a, const Document& b) {
        bool broken = false;
        render::compare({bson::Type::object, a.bson()}, {bson::Type::object, b.bson()}, broken);
        return !broken;
    };
    CHECK(compare(nested(100), nested(100)));
    CHECK_FALSE(compare(nested(102), nested(102)));
    CHECK_FALSE(compare(nested(100'000), nested(100'000)));
    CHECK(compare(nested(100'000), nested(3)));
    const auto filter = Filter::compile(nested(90).to_json());
    REQUIRE(filter.has_value());
    CHECK(filter.value().matches(nested(90).bson()).value());
    CHECK_FALSE(filter.value().matches(nested(100'000).bson()).value());
}

TEST_CASE("a filter meets malformed bytes with an error") {
    std::string bytes(document(R"({"x":1,"a":{"b":"text"}})").bson());
    const auto at = bytes.find("text");
    bytes[at - 4] = 99;
    const auto filter = Filter::compile(R"({"a.b":"text"})").value();
    const auto result = filter.matches(bytes);
    REQUIRE(result.has_error());
    CHECK(result.error().verdict == Verdict::reject);
}
