#include "render/text_template.hpp"
#include "render/value_text.hpp"
#include "unit/render/documents.hpp"

using namespace halcyon;
using render::TextTemplate;
using render::test::document;
using render::test::nested;

namespace {

std::string text(std::string_view source, std::string_view json) {
    const auto made = TextTemplate::parse(source);
    REQUIRE(made.has_value());
    const auto rendered = made.value().render(document(json).bson());
    REQUIRE(rendered.has_value());
    return rendered.value();
}

std::string fields(const std::vector<std::string>& names, std::string_view json) {
    return TextTemplate::of_fields(names).value().render(document(json).bson()).value();
}

}  // namespace

TEST_CASE("placeholders are filled from the document") {
    struct Case {
        const char* source;
        const char* document;
        const char* text;
    };
    const Case cases[] = {
        {"{{name}}", R"({"name":"Lamp"})", "Lamp"},
        {"{{ name }}!", R"({"name":"Lamp"})", "Lamp!"},
        {"{{name}}\n{{description}}", R"({"name":"Lamp","description":"Bright"})", "Lamp\nBright"},
        {"{{name}}\n{{description}}", R"({"description":"Bright"})", "Bright"},
        {"{{name}}\n{{description}}", R"({"name":"Lamp"})", "Lamp"},
        {"Name: {{name}}", R"({})", ""},
        {"Name: {{name}}", R"({"name":null})", ""},
        {"Name: {{name}}", R"({"name":""})", ""},
        {"Name: {{name}}", R"({"name":[]})", ""},
        {"Name: {{name}}", R"({"name":{"a":[null,{}]}})", ""},
        {"{{seller.city}}", R"({"seller":{"city":"Graz"}})", "Graz"},
        {"{{seller.city}}", R"({"seller":"Graz"})", ""},
        {"{{tags.0}}", R"({"tags":["a","b"]})", "a"},
        {"{{tags.2}}", R"({"tags":["a","b"]})", ""},
        {"{{a.b.0}}", R"({"a":{"b":["x","y"]}})", "x"},
        {"{{tags}}", R"({"tags":["a",null,"b","",1]})", "a, b, 1"},
        {"{{items.name}}", R"({"items":[{"name":"a"},{"x":1},{"name":"b"}]})", "a, b"},
        {"{{items.1.name}}", R"({"items":[{"name":"a"},{"name":"b"}]})", "b"},
        {"{{d}}", R"({"d":{"a":"x","b":{"c":"y","d":[1,2]},"e":null}})", "x y 1, 2"},
        {"{{items}}", R"({"items":[{"a":"x","b":"y"},{"a":"z"}]})", "x y, z"},
        {"{{n}}", R"({"n":5})", "5"},
        {"{{n}}", R"({"n":{"$numberLong":"9007199254740993"}})", "9007199254740993"},
        {"{{n}}", R"({"n":5.0})", "5"},
        {"{{n}}", R"({"n":0.1})", "0.1"},
        {"{{n}}", R"({"n":{"$numberDouble":"NaN"}})", ""},
        {"{{n}}", R"({"n":{"$numberDecimal":"1.50"}})", "1.50"},
        {"{{b}}", R"({"b":true})", "true"},
        {"{{d}}", R"({"d":{"$date":{"$numberLong":"1767225600123"}}})", "2026-01-01T00:00:00.123Z"},
        {"{{d}}", R"({"d":{"$date":{"$numberLong":"-1"}}})", "1969-12-31T23:59:59.999Z"},
        {"{{d}}", R"({"d":{"$date":{"$numberLong":"9223372036854775807"}}})", ""},
        {"{{i}}", R"({"i":{"$oid":"655f0f4d0102030405060708"}})", "655f0f4d0102030405060708"},
        {"{{u}}", R"({"u":{"$binary":{"base64":"AQIDBAUGBwgJCgsMDQ4PEA==","subType":"04"}}})",
         "01020304-0506-0708-090a-0b0c0d0e0f10"},
        {"{{u}}", R"({"u":{"$binary":{"base64":"AQID","subType":"00"}}})", ""},
        {"{{h}}", R"({"h":"<p>a &amp; b</p>"})", "<p>a &amp; b</p>"},
        {"{ {{n}} }", R"({"n":1})", "{ 1 }"},
        {"{{n}}", R"({"n":"  a \t b\r\n\r\n\r\n c  \n"})", "a b\n\nc"},
        {"{{n}}", R"({"n":"a\u0000b"})", "a b"},
        {"{{n}}", R"({"n":"caf\u00e9 \u6771\u4eac"})", "caf\xc3\xa9 \xe6\x9d\xb1\xe4\xba\xac"},
        {"{{n}} {{n}}", R"({"n":"twice"})", "twice twice"},
    };
    for (const auto& c : cases) {
        INFO(c.source << " of " << c.document);
        CHECK(text(c.source, c.document) == c.text);
    }
}

TEST_CASE("fields are joined by a newline, and missing ones are left out") {
    CHECK(fields({"a", "b", "c"}, R"({"a":"x","b":"y","c":"z"})") == "x\ny\nz");
    CHECK(fields({"a"}, R"({"a":"x"})") == "x");
    CHECK(fields({"a", "b"}, R"({})").empty());
    CHECK(fields({"a", "b", "c"}, R"({"a":"x","c":"z"})") == "x\nz");
    CHECK(fields({"a", "b", "c"}, R"({"b":"y"})") == "y");
}

TEST_CASE("bytes that are no UTF-8 become replacement characters") {
    CHECK(render::tidy("a\xff b\xc3") == "a\xef\xbf\xbd b\xef\xbf\xbd");
    CHECK(render::tidy("\xe6\x9d\xb1").size() == 3);
}

TEST_CASE("a template that cannot be meant is refused") {
    const auto refused = [](std::string_view source) {
        const auto made = TextTemplate::parse(source);
        INFO(source);
        REQUIRE(made.has_error());
        CHECK(made.error().context.find("text: ") == 0);
        return made.error().context;
    };
    CHECK(refused("").find("{{name}}") != std::string::npos);
    CHECK(refused("just words").find("names no field") != std::string::npos);
    CHECK(refused("{{name").find("not closed") != std::string::npos);
    CHECK(refused("{{}}").find("empty") != std::string::npos);
    CHECK(refused("{{ }}").find("empty") != std::string::npos);
    CHECK(refused("{{a..b}}").find("dot") != std::string::npos);
    CHECK(TextTemplate::of_fields({}).has_error());
    CHECK(TextTemplate::of_fields({""}).has_error());
}

TEST_CASE("a value that is nested too deep is refused") {
    const auto made = TextTemplate::parse("{{a}}").value();
    CHECK(made.render(nested(90).bson()).has_value());
    CHECK(made.render(nested(150).bson()).has_error());
    CHECK(made.render(nested(150, bson::Type::array).bson()).has_error());
    CHECK(made.render(nested(100'000).bson()).has_error());
}
