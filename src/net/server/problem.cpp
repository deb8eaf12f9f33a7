#include <fmt/format.h>

#include <algorithm>
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

/// Takes the first "key=value" off a query.
std::pair<std::string_view, std::string_view> next_pair(std::string_view& query) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    return {pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
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
    for (auto rest = std::string_view(query); !rest.empty();) {
        const auto [key, value] = next_pair(rest);
        if (percent_decode(key, true) == std::string(name)) return percent_decode(value, true);
    }
    return std::nullopt;
}

std::vector<std::string> ServerRequest::query_names() const {
    std::vector<std::string> names;
    for (auto rest = std::string_view(query); !rest.empty();) {
        const auto pair = next_pair(rest);
        if (pair.first.empty() && pair.second.empty()) continue;
        auto name = percent_decode(pair.first, true).value_or(std::string(pair.first));
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    return names;
}

std::vector<std::string> ServerRequest::websocket_protocols() const {
    const auto offered = headers.list("Sec-WebSocket-Protocol");
    return {offered.begin(), offered.end()};
}

ServerReply problem(unsigned status, std::string_view title, std::string_view detail,
                    std::string_view field) {
    auto body =
        fmt::format("{{\"type\":\"about:blank\",\"title\":{},\"status\":{}", json_string(title), status);
    if (!detail.empty()) body += ",\"detail\":" + json_string(detail);
    if (!field.empty()) body += ",\"field\":" + json_string(field);
    return {.status = status, .body = body + "}", .content_type = "application/problem+json"};
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
