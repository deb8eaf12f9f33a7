#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "net/json.hpp"
#include "net/server/message.hpp"

namespace halcyon::net {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

const std::string& ServerRequest::parameter(std::string_view name) const {
    for (const auto& [n, value] : parameters)
        if (n == name) return value;
    throw std::logic_error(fmt::format("the route has no parameter {}", name));
}

std::uint64_t ServerRequest::number(std::string_view name) const {
    const auto& text = parameter(name);
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::logic_error(fmt::format("the route's parameter {} is no uint", name));
    return n;
}

std::optional<std::string> ServerRequest::query_value(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = pair.find('=');
        if (percent_decode(pair.substr(0, equals), true) != std::string(name)) continue;
        return equals == std::string_view::npos ? std::string{}
                                                : percent_decode(pair.substr(equals + 1), true);
    }
    return std::nullopt;
}

std::vector<std::string> ServerRequest::query_names() const {
    std::vector<std::string> names;
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto name = pair.substr(0, pair.find('='));
        if (!pair.empty()) names.push_back(percent_decode(name, true).value_or(std::string(name)));
    }
    return names;
}

ServerReply problem(unsigned status, std::string_view title, std::string_view detail,
                    std::string_view field) {
    auto body =
        fmt::format("{{\"type\":\"about:blank\",\"title\":{},\"status\":{}", json_string(title), status);
    if (!detail.empty()) body += ",\"detail\":" + json_string(detail);
    if (!field.empty()) body += ",\"field\":" + json_string(field);
    return {status, body + "}", "application/problem+json", {}};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace halcyon::net
