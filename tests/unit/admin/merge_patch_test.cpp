// Merge patches, made and applied.
#include "admin/telemetry/merge_patch.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "support/merge_patch.hpp"

using namespace halcyon;
namespace json = boost::json;

namespace {

json::object object(const std::string& text) { return json::parse(text).as_object(); }

/// The patch, after it was found to do what it is for.
std::string patch(const std::string& before, const std::string& after) {
    const auto made = admin::merge_patch(object(before), object(after));
    CHECK(testing::merge_patched(object(before), made) == json::value(object(after)));
    return json::serialize(made);
}

}  // namespace

TEST_CASE("a patch names what changed, came and went, and nothing else") {
    CHECK(patch(R"({"a":1,"b":2,"c":3})", R"({"a":1,"b":4,"d":5})") == R"({"c":null,"b":4,"d":5})");
    CHECK(patch(R"({"a":1})", R"({"a":1})") == "{}");
    CHECK(patch("{}", "{}") == "{}");
    CHECK(patch(R"({"a":{"b":{"c":1,"d":2}}})", R"({"a":{"b":{"c":1,"d":3}}})") == R"({"a":{"b":{"d":3}}})");
}

TEST_CASE("arrays are replaced as a whole") {
    CHECK(patch(R"({"a":[1,2]})", R"({"a":[1,2,3]})") == R"({"a":[1,2,3]})");
    CHECK(patch(R"({"a":[{"b":null}]})", R"({"a":[{"b":null}]})") == "{}");
    CHECK(patch(R"({"a":[]})", R"({"a":[{"b":null}]})") == R"({"a":[{"b":null}]})");
}

TEST_CASE("a member may become an object, or stop being one") {
    CHECK(patch(R"({"a":1})", R"({"a":{"b":1}})") == R"({"a":{"b":1}})");
    CHECK(patch(R"({"a":{"b":1}})", R"({"a":1})") == R"({"a":1})");
    CHECK(patch(R"({"a":{"b":1}})", R"({"a":{}})") == R"({"a":{"b":null}})");
    CHECK(patch(R"({"a":1})", R"({"a":{}})") == R"({"a":{}})");
}

TEST_CASE("members that are null are dropped, however deep, but not in arrays") {
    auto o = object(R"({"a":null,"b":{"c":null,"d":{"e":null}},"f":[null,{"g":null}]})");
    admin::drop_nulls(o);
    CHECK(o == object(R"({"b":{"d":{}},"f":[null,{"g":null}]})"));
}
