#include "settings/environment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace halcyon::settings {
namespace {

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return !text.empty() && letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

Environment process_environment() {
    Environment out;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view line(*at);
        const auto equals = line.find('=');
        if (equals != std::string_view::npos && equals > 0)
            out.insert_or_assign(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
    }
    return out;
}

Substituted substitute(std::string_view text, const Environment& environment) {
    Substituted out;
    while (!text.empty()) {
        const auto at = text.find("${");
        if (at == std::string_view::npos) break;
        if (at > 0 && text[at - 1] == '$') {
            out.text += text.substr(0, at - 1);
            out.text += "${";
            text.remove_prefix(at + 2);
            continue;
        }
        out.text += text.substr(0, at);
        text.remove_prefix(at + 2);
        const auto close = text.find('}');
        if (close == std::string_view::npos) {
            out.mistake = "\"${\" without \"}\"; write ${NAME} or ${NAME:-default}, and $${ for a plain ${";
            return out;
        }
        const auto inside = text.substr(0, close);
        const auto dash = inside.find(":-");
        const auto name = inside.substr(0, dash);
        text.remove_prefix(close + 1);
        if (!is_name(name)) {
            out.mistake = fmt::format(
                "\"${{{}}}\" names no environment variable; write ${{NAME}} or "
                "${{NAME:-default}}, and $${{ for a plain ${{",
                inside);
            return out;
        }
        const auto found = environment.find(name);
        if (dash != std::string_view::npos && (found == environment.end() || found->second.empty())) {
            out.text += inside.substr(dash + 2);
        } else if (found != environment.end()) {
            out.text += found->second;
            out.used.insert(*found);
        } else {
            out.mistake = fmt::format(
                "the environment variable {} is not set; set it, or write "
                "${{{}:-default}}",
                name, name);
            return out;
        }
    }
    out.text += text;
    return out;
}

}  // namespace halcyon::settings
