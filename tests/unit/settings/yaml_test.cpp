#include "settings/yaml.hpp"

#include <catch2/catch.hpp>

#include "settings/json.hpp"

using namespace halcyon::settings;

namespace {

struct Read {
    std::optional<Value> root;
    std::vector<std::string> messages;
    std::string json() const { return root ? to_json(*root) : "nothing"; }
};

Read read(std::string_view text, const Environment& environment = {}) {
    Report report{.file = "f"};
    Read out{read_yaml(text, environment, report), {}};
    for (const auto& mistake : report.mistakes) out.messages.push_back(mistake.message());
    return out;
}

std::string only_message(std::string_view text) {
    const auto r = read(text);
    return r.messages.size() == 1 ? r.messages.front() : std::to_string(r.messages.size()) + " messages";
}

}  // namespace

TEST_CASE("values keep their order, place and whether they were quoted") {
    const auto r =
        read("b: 1\na:\n  - x\n  - \"2\"\n  - { c: null, d: 1.5e3, e: true, f: 012, g: .5, h: yes }\n");
    CHECK(r.messages.empty());
    CHECK(r.json() == R"({"b":1,"a":["x","2",{"c":null,"d":1.5e3,"e":true,"f":"012","g":".5","h":"yes"}]})");
    const auto& list = *r.root->find("a");
    CHECK(list.items[1].place == Place{4, 5, {}});
    CHECK(list.items[2].find("d")->place == Place{5, 19, {}});
}

TEST_CASE("variables are replaced in values only, once, and never in raw text") {
    const Environment environment{{"A", "x: [1]"}, {"B", "${A}"}, {"EMPTY", ""}};
    const auto json = [&](std::string_view text) { return read(text, environment).json(); };
    CHECK(json("k: \"${A}\"") == R"({"k":"x: [1]"})");
    CHECK(json("k: ${B}") == R"({"k":"${A}"})");
    CHECK(json("k: <${EMPTY}|${EMPTY:-d}|${NONE:-e}|${NONE:-}>") == R"({"k":"<|d|e|>"})");
    CHECK(json("k: $${A} $A $ {A} $$") == R"({"k":"${A} $A $ {A} $$"})");
    CHECK(json("${A}: 1 # ${NONE}") == R"({"${A}":1})");
    CHECK(json("k: [\"${A}\", {l: '${A}'}]") == R"({"k":["x: [1]",{"l":"x: [1]"}]})");
    CHECK(json("k: |\n  ${A}\n  b\n") == R"({"k":"x: [1]\nb\n"})");
    CHECK(read("a:\n - ${NONE}", environment).messages ==
          std::vector<std::string>{
              "f:2:4: a[0]: the environment variable NONE is not set; set it, or write ${NONE:-default}"});
}

TEST_CASE("anchors, aliases and merges work, and what is written beats what is merged") {
    CHECK(read("a: &x { p: 1, q: 2 }\nb: *x\nc: { <<: *x, q: 3 }\nd: { <<: [*x, { r: 4, p: 5 }] }").json() ==
          R"({"a":{"p":1,"q":2},"b":{"p":1,"q":2},"c":{"q":3,"p":1},"d":{"p":1,"q":2,"r":4}})");
    CHECK(only_message("a: { <<: 5 }") == "f:1:6: a: \"<<\" takes a map or a list of maps, e.g. <<: *common");
    CHECK(only_message("a: *b").starts_with("f:1:4: this is no YAML: "));
    CHECK(read("a: &x [*x]").messages.size() == 1);
}

TEST_CASE("a duplicate key is refused at any depth, and all of them are named") {
    CHECK(read("a: 1\nb:\n  - { c: 1, c: 2 }\na: 3\n").messages ==
          std::vector<std::string>{
              "f:3:13: b[0]: \"c\" is here a second time; the first is in line 3: keep one of them",
              "f:4:1: \"a\" is here a second time; the first is in line 1: keep one of them"});
}

TEST_CASE("what is no settings file is said in one message") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "f:1:1: empty: nothing is set; conf/quickstart.yaml shows a small file that works"},
        {"# nothing\n", "f:1:1: empty: nothing is set; conf/quickstart.yaml shows a small file that works"},
        {"- a\n", "f:1:1: the file must be a map of sections, like \"mongodb:\" and \"routes:\""},
        {"hello", "f:1:1: the file must be a map of sections, like \"mongodb:\" and \"routes:\""},
        {"a: 1\n---\nb: 2\n", "f:2:1: a second document begins here; a settings file holds one"},
        {"a: \xff\n", "f:1:4: byte 0xff is no UTF-8; save the file as UTF-8"},
        {"a: \xc3\xa4 \xed\xa0\x80\n", "f:1:6: byte 0xed is no UTF-8; save the file as UTF-8"},
        {"\xff\xfe"
         "a",
         "f:1:1: this is UTF-16 or UTF-32; save the file as UTF-8"},
        {std::string("a: \0b", 5), "f:1:4: control character 0x00 does not belong in a settings file"},
        {"a: b\rc: d", "f:1:5: control character 0x0d does not belong in a settings file"},
        {std::string(max_file_bytes + 1, '#'), "f: larger than 1.0 MiB; a settings file is a few KiB"},
        {"? [a]\n: b", "f:1:3: a key must be a word; quote a text that begins with { or ["},
        {"{{a}}: b", "f:1:1: a key must be a word; quote a text that begins with { or ["},
        {"~: 1", "f:1:1: a key must be a word"},
    };
    for (const auto& [text, message] : table) {
        INFO(text.substr(0, 40));
        CHECK(only_message(text) == message);
    }
    CHECK(read("\xef\xbb\xbf"
               "a: 1\r\nb: 2\r\n")
              .json() == R"({"a":1,"b":2})");
}

TEST_CASE("malformed YAML gets the parser's words, the place and the usual cure") {
    CHECK(only_message("a:\n\tb: 1\n") ==
          "f:2:3: this is no YAML: illegal map value; indent with spaces, not with a "
          "tab");
    CHECK(only_message("a: { b: ${C} }")
              .ends_with("; put quotes around a value with ${...} inside { } or [ ]"));
    CHECK(only_message("a: {{name}} x\n")
              .ends_with("a key must be a word; quote a text that begins with { or ["));
    CHECK(only_message("a: [1, 2\nb: 3\n").starts_with("f:2:"));
    CHECK(only_message("ä: 'b\nc: d\n") == "f:1:4: a quote is opened here and never closed");
    CHECK(only_message("a: [ö, \"b\\\"\n") == "f:1:8: a quote is opened here and never closed");
    CHECK(read("a: 'b''c'\nd: \"e\\\"f\"\ng: h'i\nj: \"\\\\\"\n").json() ==
          R"({"a":"b'c","d":"e\"f","g":"h'i","j":"\\"})");
    CHECK(only_message("a: b: c\n").starts_with("f:1:"));
    CHECK(only_message("a: \"\\\xc3\xa9\"").ends_with("unknown escape character: \xef\xbf\xbd"));
    // yaml-cpp stands behind the end of the text by then.
    CHECK(only_message("\xc3\xa4: \"\\u{: ").starts_with("f:1:10: this is no YAML: bad character"));
}

TEST_CASE("escapes become UTF-8") {
    CHECK(read(R"(a: "x\_\N\u00e9\x41\U0001F600")").json() ==
          "{\"a\":\"x\xc2\xa0\xc2\x85\xc3\xa9"
          "A\xf0\x9f\x98\x80\"}");
}

TEST_CASE("nesting and aliases have a bound") {
    const auto nested = [](int depth) { return "a: " + std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(read(nested(60)).messages.empty());
    CHECK(only_message(nested(64)) == "f:1:67: nested deeper than 64 levels");
    CHECK(read("a: " + std::string(200'000, '[')).messages.size() == 1);
    CHECK(read("a: " + std::string(200'000, '{')).messages.size() == 1);
    std::string blocks;
    for (int i = 0; i < 100; ++i) blocks += std::string(i, ' ') + "a:\n";
    CHECK(read(blocks).messages.size() == 1);

    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        const auto n = std::to_string(i), last = std::to_string(i - 1);
        bomb += "a" + n + ": &a" + n + " [";
        for (int j = 0; j < 9; ++j) bomb += "*a" + last + ", ";
        bomb += "]\n";
    }
    CHECK(only_message(bomb).ends_with("more than 100000 values (aliases count in full)"));
}
