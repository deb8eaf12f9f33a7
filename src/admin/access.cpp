#include "admin/access.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/loopback.hpp"

namespace halcyon::admin {
namespace {

constexpr std::string_view bearer = "bearer ";
constexpr std::string_view subprotocol = "token.";

std::string_view trimmed(std::string_view s) {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
    return s;
}

int base64url_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    return c == '_' ? 63 : -1;
}

std::optional<std::string> base64url(std::string_view text) {
    std::string out;
    unsigned bits = 0, have = 0;
    for (const char c : text) {
        const int digit = base64url_digit(c);
        if (digit < 0) return std::nullopt;
        bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffff;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>(bits >> have & 0xff);
    }
    return out;
}

bool mutates(const net::ServerRequest& r) {
    return r.method != "GET" && r.method != "HEAD" && r.method != "OPTIONS";
}

bool is_json(std::string_view content_type) {
    return net::equal_without_case(trimmed(content_type.substr(0, content_type.find(';'))),
                                   "application/json");
}

}  // namespace

std::optional<std::string> token_of(const net::ServerRequest& request) {
    if (const auto header = request.headers.find("Authorization")) {
        if (header->size() > bearer.size() &&
            net::equal_without_case(header->substr(0, bearer.size()), bearer))
            return std::string(trimmed(header->substr(bearer.size())));
        return std::string();  // another scheme is a wrong token, not none
    }
    if (const auto header = request.headers.find("X-Api-Key")) return std::string(trimmed(*header));
    for (const auto& offered : request.websocket_protocols())
        if (offered.starts_with(subprotocol))
            return base64url(std::string_view(offered).substr(subprotocol.size())).value_or("");
    return std::nullopt;
}

Access::Access(const AdminOptions& options) : origins_(options.cors), any_host_(options.insecure) {
    for (const auto& t : options.tokens) tokens_.push_back({t.name, t.role, net::SecretHash(t.token)});
}

std::optional<Caller> Access::caller(const net::ServerRequest& request) const {
    if (request.local || tokens_.empty()) return Caller{Role::operator_, ""};
    const auto token = token_of(request);
    if (!token) return std::nullopt;
    const net::SecretHash hash(*token);
    std::optional<Caller> found;
    // All are compared, so that the time does not tell which one was close.
    for (const auto& t : tokens_)
        if (t.hash.matches(hash)) found = Caller{t.role, t.name};
    return found;
}

std::optional<std::string> Access::cors_origin(const net::ServerRequest& request) const {
    const auto origin = request.headers.find("Origin");
    if (!origin || std::find(origins_.begin(), origins_.end(), *origin) == origins_.end())
        return std::nullopt;
    return std::string(*origin);
}

std::optional<net::ServerReply> Access::refused_origin(const net::ServerRequest& request) const {
    if (request.local) return std::nullopt;
    const auto host = request.headers.find("Host");
    if (tokens_.empty() && !any_host_ && (!host || !net::is_loopback(*host)))
        return net::problem(
            421, "Misdirected Request",
            "without tokens only loopback names are served: use 127.0.0.1, or set http.tokens");
    const auto origin = request.headers.find("Origin");
    if (!origin || cors_origin(request)) return std::nullopt;
    const auto scheme = origin->find("://");
    const auto authority = scheme == std::string_view::npos ? *origin : origin->substr(scheme + 3);
    if (host && net::equal_without_case(authority, *host)) return std::nullopt;
    return net::problem(403, "foreign origin",
                        fmt::format("pages of {} may not call this; http.cors lists those that may", *origin),
                        "Origin");
}

std::variant<Caller, net::ServerReply> Access::admit(const net::ServerRequest& request, Role needs) const {
    if (auto refused = refused_origin(request)) return std::move(*refused);
    auto who = caller(request);
    if (!who && needs != Role::nobody) {
        auto reply =
            token_of(request)
                ? net::problem(401, "wrong token", "this token is not known (http.tokens)")
                : net::problem(401, "a token is missing",
                               "send Authorization: Bearer TOKEN, or X-Api-Key: TOKEN (http.tokens)");
        reply.headers.emplace_back("WWW-Authenticate", "Bearer");
        return reply;
    }
    if (who && who->role < needs)
        return net::problem(403, "not enough rights",
                            fmt::format("this takes the role {}; {} has the role {}", to_string(needs),
                                        who->name, to_string(who->role)));
    if (mutates(request) && !request.local && !request.body.empty() &&
        !is_json(request.headers.find("Content-Type").value_or("")))
        return net::problem(415, "Unsupported Media Type", "the body must be application/json",
                            "Content-Type");
    return who.value_or(Caller{});
}

}  // namespace halcyon::admin
