#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "settings/files.hpp"
#include "settings/similar.hpp"
#include "settings/yaml.hpp"
#include "unit/settings/support.hpp"

using halcyon::testing::messages;
using halcyon::testing::read;

namespace {

std::string conf(const std::string& name) {
    return halcyon::settings::read_file(HALCYON_SOURCE_DIR "/conf/" + name, halcyon::settings::max_file_bytes)
        .value();
}

/// The reference without its comments and with the fields that it comments out.
std::string bare_reference() {
    std::istringstream lines(halcyon::app::settings_reference());
    std::string out;
    for (std::string line; std::getline(lines, line);)
        if (const auto first = line.find_first_not_of(' '); first != std::string::npos && line[first] != '#')
            out += line + "\n";
    return out;
}

/// Never a crash, and either settings or a mistake with a message.
void digest(const std::string& text) {
    const auto loaded = read(text);
    for (const auto& mistake : loaded.mistakes) {
        if (mistake.text.empty()) FAIL("a mistake without a text for: " << text);
    }
    if (loaded.mistakes.empty() && loaded.settings.pipeline.routes.empty())
        FAIL("accepted without a route: " << text);
}

}  // namespace

TEST_CASE("conf/ holds what the table makes; run halcyon-conf conf after a change of it") {
    CHECK(conf("halcyon.yaml") == halcyon::app::settings_reference());
    CHECK(conf("halcyon.schema.json") == halcyon::app::settings_schema());
}

TEST_CASE("the files in conf/ are settings without mistakes") {
    CHECK(messages(read(conf("halcyon.yaml"))).empty());
    CHECK(messages(read(conf("quickstart.yaml"))).empty());
}

TEST_CASE("fields that the reference comments out are right as they stand there") {
    std::istringstream lines(halcyon::app::settings_reference());
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        static const std::regex off("( *)# ([a-z_]+: [^ ]+)");
        std::smatch field;
        const bool file = line.find("_file:") != std::string::npos;  // there is no such file here
        text += (!file && std::regex_match(line, field, off) ? field.str(1) + field.str(2) : line) + "\n";
    }
    const auto loaded = read(text);
    CHECK(messages(loaded).empty());
    CHECK(loaded.settings.qdrant.ordering == "medium");
}

TEST_CASE("a settings file cut at any byte never crashes") {
    const auto text = bare_reference();
    for (std::size_t n = 0; n < text.size(); ++n) digest(text.substr(0, n));
}

TEST_CASE("a settings file with any byte changed never crashes") {
    auto text = bare_reference();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char was = text[i];
        for (const char now :
             {static_cast<char>(was ^ 0x01), static_cast<char>(was ^ 0x80), '{', '\n', '*'}) {
            text[i] = now;
            digest(text);
        }
        text[i] = was;
    }
}

TEST_CASE("a near miss is recognised, a far one is not") {
    const std::vector<std::string> names{"timeout", "payload_indexes", "url"};
    using halcyon::settings::similar;
    CHECK(similar("timout", names) == "timeout");
    CHECK(similar("timeuot", names) == "timeout");
    CHECK(similar("payloadIndexes", names) == "payload_indexes");
    CHECK(similar("payload-indices", names) == "payload_indexes");
    CHECK(similar("payload", names) == "payload_indexes");
    CHECK(similar("uri", names) == "url");
    CHECK_FALSE(similar("colour", names));
    CHECK_FALSE(similar("", names));
    CHECK_FALSE(similar(std::string(10'000, 'u'), names));
}
