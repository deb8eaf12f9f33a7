#include "core/number.hpp"

#include <string>
#include <vector>

#include "core/document.hpp"
#include "core/json_text.hpp"
#include "core/utf8.hpp"

using namespace halcyon;

namespace {

bson::Number number(const std::string& json) {
    const auto document = Document::from_json("{\"n\":" + json + "}").value();
    bson::Reader reader(document.bson());
    bson::Field field;
    REQUIRE(reader.next(field));
    return bson::Number::of(field.value);
}

}  // namespace

TEST_CASE("numbers compare by value across their types") {
    const auto decimal = [](const std::string& n) { return R"({"$numberDecimal":")" + n + "\"}"; };
    const auto real = [](const std::string& n) { return R"({"$numberDouble":")" + n + "\"}"; };
    const std::vector<std::string> ascending{real("NaN"),
                                             real("-Infinity"),
                                             decimal("-1E+6000"),
                                             real("-1e300"),
                                             "-9223372036854775808",
                                             real("-2.5"),
                                             "-2",
                                             decimal("-0.1"),
                                             real("-1e-300"),
                                             decimal("-1E-6000"),
                                             "0",
                                             decimal("1E-6176"),
                                             real("4.9e-324"),
                                             decimal("0.1"),
                                             real("0.1"),
                                             decimal("0.3"),
                                             "1",
                                             decimal("1.000000000000000000000000000000001"),
                                             real("2.5"),
                                             decimal("2.6"),
                                             "9007199254740992",
                                             "9007199254740993",
                                             real("9007199254740994"),
                                             decimal("9007199254740994.1"),
                                             "9223372036854775807",
                                             real("9223372036854775808"),
                                             decimal("9223372036854775808.5"),
                                             real("1e22"),
                                             real("1e300"),
                                             decimal("1E+6000"),
                                             real("Infinity")};
    for (std::size_t i = 0; i < ascending.size(); ++i)
        for (std::size_t k = 0; k < ascending.size(); ++k) {
            INFO(ascending[i] << " with " << ascending[k]);
            const auto order = bson::compare(number(ascending[i]), number(ascending[k]));
            CHECK((order < 0) == (i < k));
            CHECK((order == 0) == (i == k));
        }
}

TEST_CASE("a decimal that is a double to its last digit equals it") {
    const auto close = number(R"({"$numberDecimal":"0.1000000000000000055511151231257827"})");
    CHECK(std::is_eq(bson::compare(close, number("0.1"))));
}

TEST_CASE("JSON strings escape what must be escaped and repair what is no UTF-8") {
    const auto text = [](std::string_view in) {
        std::string out;
        json::append_string(out, in);
        return out;
    };
    CHECK(text("a\"b\\c/d") == R"("a\"b\\c/d")");
    CHECK(text(std::string_view("\0\b\t\n\r\x1f\x7f", 7)) == "\"\\u0000\\u0008\\t\\n\\r\\u001f\x7f\"");
    CHECK(text("caf\xc3\xa9 \xf0\x9f\x98\x80") == "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    CHECK(text("\xff|\xc3|\xed\xa0\x80") ==
          "\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("numbers are written in their shortest form") {
    const auto real = [](double d) {
        std::string out;
        json::append_real(out, d);
        return out;
    };
    CHECK(real(5) == "5.0");
    CHECK(real(-0.0) == "-0.0");
    CHECK(real(0.1) == "0.1");
    CHECK(real(1e300) == "1e+300");
    CHECK(real(123456789012345680.0) == "123456789012345680.0");
}

TEST_CASE("base64 pads") {
    const auto base64 = [](std::string_view in) {
        std::string out;
        json::append_base64(out, in);
        return out;
    };
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob\xff") == "Zm9vYv8=");
}

TEST_CASE("a text is cut between its characters") {
    CHECK(utf8::cut("abc", 3) == "abc");
    CHECK(utf8::cut("abc", 2) == "ab");
    CHECK(utf8::cut("a\xe2\x82\xac", 4) == "a\xe2\x82\xac");
    CHECK(utf8::cut("a\xe2\x82\xac!", 3) == "a");
    CHECK(utf8::cut("\xe2\x82\xac", 2).empty());
    CHECK(utf8::cut("", 0).empty());
}

TEST_CASE("only well-formed UTF-8 counts as such") {
    for (const std::string_view good :
         {"", "ascii that is longer than a word", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
          "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa9"})
        CHECK(utf8::valid(good));
    for (const std::string_view bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xef\xbf",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "1234567\xff"})
        CHECK_FALSE(utf8::valid(bad));
}
