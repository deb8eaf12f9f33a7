#include <limits>
#include <string>
#include <vector>

#include "core/bson.hpp"
#include "core/key.hpp"

using namespace halcyon;

namespace {

DocId id(const std::string& value) {
    const auto document = Document::from_json("{\"x\":0,\"_id\":" + value + ",\"y\":{}}");
    REQUIRE(document.has_value());
    const auto made = DocId::of(document.value().bson());
    REQUIRE(made.has_value());
    return made.value();
}

std::string integer(const std::string& n) { return R"({"$numberInt":")" + n + "\"}"; }
std::string wide(const std::string& n) { return R"({"$numberLong":")" + n + "\"}"; }
std::string real(const std::string& n) { return R"({"$numberDouble":")" + n + "\"}"; }
std::string decimal(const std::string& n) { return R"({"$numberDecimal":")" + n + "\"}"; }

}  // namespace

TEST_CASE("numbers that MongoDB's unique index calls equal are one id") {
    const std::vector<std::vector<std::string>> groups{
        {integer("5"), wide("5"), real("5.0"), decimal("5"), decimal("5.00"), decimal("0.5E+1"),
         decimal("500E-2")},
        {integer("0"), wide("0"), real("0.0"), real("-0.0"), decimal("0"), decimal("-0"), decimal("0E+3"),
         decimal("0.000")},
        {real("2.5"), decimal("2.5"), decimal("2.50"), decimal("25E-1")},
        {real("-2.5"), decimal("-2.5")},
        {wide("9007199254740993"), decimal("9007199254740993")},
        {real("9007199254740992"), wide("9007199254740992"), decimal("9007199254740992")},
        {wide("9223372036854775807"), decimal("9223372036854775807")},
        {wide("-9223372036854775808"), real("-9223372036854775808"), decimal("-9223372036854775808")},
        {real("9223372036854775808"), decimal("9223372036854775808")},
        {real("18446744073709551616"), decimal("18446744073709551616")},
        {real("1e22"), decimal("1E+22"), decimal("10E+21")},
        {decimal("0.1"), decimal("0.10"), decimal("1E-1")},
        {decimal("1E+6144"), decimal("10E+6143"), decimal("1000000000E+6135")},
        {decimal("12345678901234567890123456789012.30"), decimal("12345678901234567890123456789012.3")},
        {real("NaN"), decimal("NaN")},
        {real("Infinity"), decimal("Infinity")},
        {real("-Infinity"), decimal("-Infinity")},
        {"{\"a\":" + integer("5") + "}", "{\"a\":" + wide("5") + "}", "{\"a\":" + decimal("5.0") + "}"},
        {"{\"a\":[" + integer("5") + "]}", "{\"a\":[" + real("5.0") + "]}"},
        {"\"s\"", R"({"$symbol":"s"})"},
    };
    for (std::size_t i = 0; i < groups.size(); ++i)
        for (const auto& one : groups[i]) {
            INFO(one);
            CHECK(id(one) == id(groups[i].front()));
            for (std::size_t k = i + 1; k < groups.size(); ++k) {
                INFO("against " << groups[k].front());
                CHECK(id(one) != id(groups[k].front()));
            }
        }
}

TEST_CASE("ids of different types or values differ") {
    const std::vector<std::string> all{
        integer("5"),
        "\"5\"",
        real("5.5"),
        real("0.1"),
        decimal("0.1"),
        decimal("0.3"),
        real("0.3"),
        real("4.9E-324"),
        decimal("1E-6176"),
        decimal("-1E-6176"),
        real("9007199254740994"),
        wide("9007199254740993"),
        R"({"$oid":"655f0f4d0102030405060708"})",
        "\"655f0f4d0102030405060708\"",
        "true",
        "false",
        "null",
        R"({"$undefined":true})",
        R"({"$minKey":1})",
        R"({"$maxKey":1})",
        R"({"$date":{"$numberLong":"5"}})",
        R"({"$timestamp":{"t":0,"i":5}})",
        R"({"$binary":{"base64":"AQID","subType":"00"}})",
        R"({"$binary":{"base64":"AQID","subType":"02"}})",
        R"({"$binary":{"base64":"AQIDBAUGBwgJCgsMDQ4PEA==","subType":"03"}})",
        R"({"$binary":{"base64":"AQIDBAUGBwgJCgsMDQ4PEA==","subType":"04"}})",
        R"({"$code":"f"})",
        R"({"$code":"f","$scope":{}})",
        R"({"$regularExpression":{"pattern":"a","options":""}})",
        R"({"$regularExpression":{"pattern":"a","options":"i"}})",
        R"({"$dbPointer":{"$ref":"c","$id":{"$oid":"655f0f4d0102030405060708"}}})",
        "{}",
        R"({"a":1})",
        R"({"a":"1"})",
        R"({"b":1})",
        R"({"a":1,"b":2})",
        R"({"b":2,"a":1})",
        R"({"a":{}})",
        R"({"a":[]})",
        R"({"a":[1]})",
        R"({"a":{"0":1}})",
        R"({"a":null})",
        "\"\"",
        "\" 5\"",
        "\"a\\u0000b\"",
        "\"a\"",
    };
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t k = 0; k < all.size(); ++k) {
            INFO(all[i] << " and " << all[k]);
            CHECK((id(all[i]) == id(all[k])) == (i == k));
            CHECK((id(all[i]).json() == id(all[k]).json()) == (i == k));
        }
    for (const auto& one : all) {
        const auto made = id(one);
        INFO(one << " is " << made.json());
        CHECK(DocId::of(made.bytes()).value() == made);
        CHECK(DocId::from_bytes(made.bytes()) == made);
        CHECK(DocId::parse(made.json()).value() == made);
    }
}

TEST_CASE("the canonical form is extended JSON without spaces") {
    CHECK(id(integer("5")).json() == R"({"$numberLong":"5"})");
    CHECK(id(real("2.5")).json() == R"({"$numberDouble":"2.5"})");
    CHECK(id(decimal("0.10")).json() == R"({"$numberDecimal":"0.1"})");
    CHECK(id("\"5\"").json() == "\"5\"");
    CHECK(id(R"({"$oid":"655F0F4D0102030405060708"})").json() == R"({"$oid":"655f0f4d0102030405060708"})");
    CHECK(id(R"({"b":5,"a":[true]})").json() == R"({"b":{"$numberLong":"5"},"a":[true]})");
}

TEST_CASE("people see an id as they would write it") {
    CHECK(id(wide("5")).display() == "5");
    CHECK(id(real("2.5")).display() == "2.5");
    CHECK(id("\"5\"").display() == "\"5\"");
    CHECK(id(R"({"$oid":"655f0f4d0102030405060708"})").display() == "ObjectId(655f0f4d0102030405060708)");
    CHECK(id(R"({"a":5})").display() == R"({"a":5})");
    CHECK(id(R"({"$date":{"$numberLong":"0"}})").display() == R"({"$date":"1970-01-01T00:00:00.000Z"})");
}

TEST_CASE("what a person types becomes the id that is meant") {
    const auto parsed = [](std::string_view text) { return DocId::parse(text).value().json(); };
    CHECK(parsed("5") == R"({"$numberLong":"5"})");
    CHECK(parsed("-5.0") == R"({"$numberLong":"-5"})");
    CHECK(parsed("2.5") == R"({"$numberDouble":"2.5"})");
    CHECK(parsed("\"5\"") == "\"5\"");
    CHECK(parsed("true") == "true");
    CHECK(parsed("null") == "null");
    CHECK(parsed("sku-17") == "\"sku-17\"");
    CHECK(parsed("") == "\"\"");
    CHECK(parsed("655F0F4D0102030405060708") == R"({"$oid":"655f0f4d0102030405060708"})");
    CHECK(parsed("123456789012345678901234") == R"({"$oid":"123456789012345678901234"})");
    CHECK(parsed("ObjectId(655f0f4d0102030405060708)") == R"({"$oid":"655f0f4d0102030405060708"})");
    CHECK(parsed("ObjectId(\"655f0f4d0102030405060708\")") == R"({"$oid":"655f0f4d0102030405060708"})");
    CHECK(parsed(R"({"a": 5})") == R"({"a":{"$numberLong":"5"}})");
    CHECK(parsed(R"({"$oid":"655f0f4d0102030405060708"})") == R"({"$oid":"655f0f4d0102030405060708"})");
    CHECK(parsed("1,\"x\":2") == "\"1,\\\"x\\\":2\"");
    CHECK(parsed("1}{\"x\":2") == "\"1}{\\\"x\\\":2\"");
    CHECK(parsed("655f0f4d01020304050607") == "\"655f0f4d01020304050607\"");
}

TEST_CASE("an id whose text is no UTF-8 has a JSON form of its own that reads back") {
    for (const std::string text : {"\xff", "a\xc3", "\xfe", "\xed\xa0\x80"}) {
        std::string bytes;
        const auto opened = bson::open(bytes);
        bson::append_text(bytes, bson::Type::string, "_id", text);
        bson::close(bytes, opened);
        const auto made = DocId::of(bytes).value();
        CHECK(DocId::parse(made.json()).value() == made);
    }
}

TEST_CASE("only what is one value is the JSON form of an id") {
    CHECK(DocId::from_json("5").value() == id("5"));
    for (const auto* text :
         {"", "sku-17", "655f0f4d0102030405060708", "1,\"x\":2", "1}{\"x\":2", "{\"$bson\":"})
        CHECK(DocId::from_json(text).has_error());
}

TEST_CASE("an id as nearly all are printed reads as the parser of extended JSON reads it") {
    // That parser takes whatever does not look exactly as `json()` prints: here, a space before it.
    const auto parsed = [](std::string_view text) { return DocId::from_json(" " + std::string(text)); };
    for (const auto* text :
         {R"({"$oid":"655f0f4d0102030405060708"})", R"({"$oid":"655F0F4DFFFFFFFFFFFFFFFF"})",
          R"({"$numberLong":"0"})", R"({"$numberLong":"-1"})", R"({"$numberLong":"007"})",
          R"({"$numberLong":"9223372036854775807"})", R"({"$numberLong":"-9223372036854775808"})", R"("")",
          R"("sku-17")", R"(" ~ ")", R"("{}")", R"("$oid")"}) {
        CAPTURE(text);
        REQUIRE(parsed(text).has_value());
        CHECK(DocId::from_json(text).value() == parsed(text).value());
    }
    for (const auto* text :
         {R"({"$oid":"655f0f4d010203040506070"})", R"({"$oid":"655f0f4d01020304050607zz"})",
          R"({"$oid":"655f0f4d","x":"020304050"})", R"({"$numberLong":"9223372036854775808"})",
          R"({"$numberLong":"5x"})", R"({"$numberLong":""})", R"({"$numberLong":"5","x":"5"})", R"(")",
          R"("a"b")", R"("a","x":"b")", R"("\")", "\"a\nb\"", R"("\u0041")", R"("\"")", "\"\xc3\xa9\"",
          "\"\xff\""}) {
        CAPTURE(text);
        const auto one = DocId::from_json(text);
        const auto other = parsed(text);
        REQUIRE(one.has_value() == other.has_value());
        if (one) CHECK(one.value() == other.value());
    }
}

TEST_CASE("an embedded id that looks like extended JSON does not become what it looks like") {
    std::string inner;
    const auto in = bson::open(inner);
    bson::append_text(inner, bson::Type::string, "$oid", "655f0f4d0102030405060708");
    bson::close(inner, in);
    std::string bytes;
    const auto opened = bson::open(bytes);
    bson::append(bytes, bson::Type::object, "_id", inner);
    bson::close(bytes, opened);
    const auto made = DocId::of(bytes).value();
    CHECK(made.json() != R"({"$oid":"655f0f4d0102030405060708"})");
    CHECK(DocId::parse(made.json()).value() == made);
}

TEST_CASE("fields that occur twice keep their order and their number") {
    std::string inner;
    const auto in = bson::open(inner);
    bson::append_text(inner, bson::Type::string, "a", "2");
    bson::append_text(inner, bson::Type::string, "a", "1");
    bson::close(inner, in);
    std::string bytes;
    const auto opened = bson::open(bytes);
    bson::append(bytes, bson::Type::object, "_id", inner);
    bson::close(bytes, opened);
    CHECK(DocId::of(bytes).value().bytes() == bytes);
}

TEST_CASE("the keys that a driver wrote into an array do not count") {
    const auto with_keys = [](std::string_view first, std::string_view second) {
        std::string list;
        const auto in_list = bson::open(list);
        bson::append_text(list, bson::Type::string, first, "x");
        bson::append_text(list, bson::Type::string, second, "y");
        bson::close(list, in_list);
        std::string inner;
        const auto in = bson::open(inner);
        bson::append(inner, bson::Type::array, "a", list);
        bson::close(inner, in);
        std::string bytes;
        const auto opened = bson::open(bytes);
        bson::append(bytes, bson::Type::object, "_id", inner);
        bson::close(bytes, opened);
        return DocId::of(bytes).value();
    };
    CHECK(with_keys("", "") == with_keys("0", "1"));
    CHECK(with_keys("1", "0") == with_keys("0", "1"));
}

TEST_CASE("a document without an _id, malformed or nested without end has no id") {
    CHECK(DocId::of(Document::from_json(R"({"id":1})").value().bson()).has_error());
    CHECK(DocId::of("").has_error());
    CHECK(DocId::of("garbage").has_error());
    std::string inner;
    bson::close(inner, bson::open(inner));
    for (int i = 0; i < 300; ++i) {
        std::string outer;
        const auto opened = bson::open(outer);
        bson::append(outer, bson::Type::object, "_id", inner);
        bson::close(outer, opened);
        inner = outer;
    }
    CHECK(DocId::of(inner).has_error());
}

TEST_CASE("a namespace is split at its first dot") {
    CHECK(Namespace::parse("shop.products").value() == Namespace{"shop", "products"});
    CHECK(Namespace::parse("shop.system.views.x").value() == Namespace{"shop", "system.views.x"});
    CHECK(Namespace::parse("shop.a b$c").value() == Namespace{"shop", "a b$c"});
    CHECK(Namespace::parse("shop.products").value().text() == "shop.products");
    for (const std::string_view text :
         {std::string_view(""), std::string_view("shop"), std::string_view(".products"),
          std::string_view("shop."), std::string_view("my shop.products"), std::string_view("a/b.c"),
          std::string_view("a$.c"), std::string_view("a.b\0c", 5)}) {
        INFO(text);
        CHECK(Namespace::parse(text).has_error());
    }
    CHECK(Namespace::parse("shop").error().context.find("shop.products") != std::string::npos);
}
