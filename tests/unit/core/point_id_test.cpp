#include <set>
#include <string>

#include "core/key.hpp"

using namespace halcyon;

namespace {

std::string point(const std::string& source, const std::string& collection, const std::string& ns,
                  const std::string& id, std::uint32_t chunk) {
    return point_id(SourceName(source), CollectionName(collection),
                    {Namespace::parse(ns).value(), DocId::parse(id).value()}, chunk)
        .value();
}

}  // namespace

// Points are found again by these ids in every collection that was ever written. A changed line here means
// that every point of every user becomes an orphan.
TEST_CASE("point ids never change") {
    struct Case {
        std::string source, collection, ns, id;
        std::uint32_t chunk;
        std::string expected;
    };
    const Case cases[] = {
        {"mongodb", "products", "shop.products", "5", 0, "e8bbad88-64e5-5bb3-8e9b-f2a2b6e10ce8"},
        {"mongodb", "products", "shop.products", "5", 1, "0672befa-a170-5c0b-8255-42f60e88f0f5"},
        {"mongodb", "products", "shop.products", "5", 4294967295, "bbcf20ab-8d59-58a4-8233-3094141f822c"},
        {"mongodb", "products", "shop.products", "\"5\"", 0, "f065911a-b9f5-523f-a024-4116db894338"},
        {"mongodb", "products", "shop.products", "5.5", 0, "1a644d98-285d-5727-ae77-cfc6a44d812a"},
        {"mongodb", "products", "shop.products", R"({"$numberDecimal":"0.1"})", 0,
         "f79f6c4c-655a-50ed-a99f-0b651f8f981b"},
        {"mongodb", "products", "shop.products", "655f0f4d0102030405060708", 0,
         "0337ee7d-b77d-5c44-a93b-0209ead1f0be"},
        {"mongodb", "products", "shop.products",
         R"({"$binary":{"base64":"AQIDBAUGBwgJCgsMDQ4PEA==","subType":"04"}})", 0,
         "d8975c67-6df0-5d60-a8cd-c89ad6a000ae"},
        {"mongodb", "products", "shop.products", R"({"$date":{"$numberLong":"1700000000000"}})", 0,
         "a64b8361-3fdb-5e02-84ed-cea7da88a73c"},
        {"mongodb", "products", "shop.products", R"({"tenant":"a","n":[1,2.5]})", 0,
         "25b961d7-5eaa-5c73-9994-68759a6daf3e"},
        {"mongodb", "products", "shop.products", "null", 0, "365e5b11-abba-5230-ab5b-51964e8bc6dd"},
        {"mongodb", "products", "shop.products", "caf\xc3\xa9", 0, "aaa343df-e188-53fe-b9ca-a0f9e4772866"},
        {"mongodb", "products", "shop.products", "NaN", 0, "873bc248-7d04-5f5e-9878-b80b1afdc112"},
        {"mongodb", "articles", "shop.products", "5", 0, "bc8133d5-3063-5cbd-a94f-1fa590eb0865"},
        {"mongodb", "products", "shop.articles", "5", 0, "72620719-8522-52c0-9e14-5b7fa10dd5f8"},
        {"mongodb", "products", "store.products", "5", 0, "05981dbf-179b-593e-ac25-012e25dfffe8"},
        {"second", "products", "shop.products", "5", 0, "aef6abb2-1ae7-59aa-85ba-08ff5c56b384"},
    };
    std::set<std::string> all;
    for (const auto& c : cases) {
        INFO(c.source << " " << c.collection << " " << c.ns << " " << c.id << " " << c.chunk);
        const auto made = point(c.source, c.collection, c.ns, c.id, c.chunk);
        CHECK(made == c.expected);
        CHECK(all.insert(made).second);
    }
}

TEST_CASE("a point id is a lower-case UUID of version 5") {
    const auto made = point("mongodb", "products", "shop.products", "5", 0);
    REQUIRE(made.size() == 36);
    CHECK(made.find_first_not_of("0123456789abcdef-") == std::string::npos);
    CHECK(made[14] == '5');
    CHECK(std::string("89ab").find(made[19]) != std::string::npos);
}

TEST_CASE("an id that changes its numeric type keeps its point") {
    const auto five = point("mongodb", "products", "shop.products", "5", 0);
    for (const auto* other :
         {R"({"$numberInt":"5"})", R"({"$numberLong":"5"})", "5.0", R"({"$numberDecimal":"5.00"})"})
        CHECK(point("mongodb", "products", "shop.products", other, 0) == five);
}

TEST_CASE("names that only run together alike have different points") {
    CHECK(point("mongodb", "ab", "c.d", "1", 0) != point("mongodb", "a", "bc.d", "1", 0));
    CHECK(point("mongodb", "a", "b.cd", "1", 0) != point("mongodb", "a", "bc.d", "1", 0));
    CHECK(point("mongodb", "a", "b.c.d", "1", 0) !=
          point_id(SourceName("mongodb"), CollectionName("a"), {{"b.c", "d"}, DocId::parse("1").value()}, 0)
              .value());
}
