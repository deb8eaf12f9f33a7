#include "admin/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "net/loopback.hpp"

namespace halcyon::admin {
namespace {

constexpr std::size_t shortest_token = 16;

settings::Fields<TokenOptions> token_fields() {
    return settings::Fields<TokenOptions>()
        .add("name", &TokenOptions::name, settings::text(),
             {.help = "Whose it is, for the log.", .example = "ops", .required = true})
        .add("role", &TokenOptions::role,
             settings::choice<Role>({{std::string(to_string(Role::viewer)), Role::viewer},
                                     {std::string(to_string(Role::operator_)), Role::operator_}},
                                    "role"),
             {.help = "viewer: sees everything; operator: acts, too."})
        .secret("token", &TokenOptions::token,
                {.help = "At least 16 characters, e.g. of `openssl rand -hex 32`.",
                 .example = R"("${HALCYON_OPERATOR_TOKEN:-}")"});
}

settings::Fields<AdminOptions> ready_fields() {
    using settings::duration;
    using ms = std::chrono::milliseconds;
    return settings::Fields<AdminOptions>()
        .add_as<ms>("lag", [](auto& o) -> auto& { return o.ready.lag; }, duration<ms>({"0s", "30d"}),
                    {.help = "Behind MongoDB by more than this: not ready. 0s: no bound."})
        .add_as<ms>("stuck", [](auto& o) -> auto& { return o.ready.stuck; }, duration<ms>({"0s", "30d"}),
                    {.help = "Changes are under way and the position did not move for so long: not ready. "
                             "0s: no bound."});
}

/// Something in a header: visible ASCII.
bool can_be_sent(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_tokens(const AdminOptions& o, const settings::Section& s) {
    std::set<std::string> names, tokens;
    for (std::size_t i = 0; i < o.tokens.size(); ++i) {
        const auto& t = o.tokens[i];
        const auto at = s.get("tokens").item(i);
        if (!t.name.empty() && !names.insert(t.name).second)
            at.get("name").mistake(fmt::format("\"{}\" is there twice", t.name));
        // An empty one is a variable that is not set: nobody has this token then, and that must be seen.
        if (t.token.size() < shortest_token)
            at.get("token").mistake(fmt::format(
                "has fewer than {} characters; `openssl rand -hex 32` makes one", shortest_token));
        else if (!can_be_sent(t.token))
            at.get("token").mistake("has blanks or other characters that no header can carry");
        else if (!tokens.insert(t.token).second)
            at.get("token").mistake("is another's too: nobody could tell whose request it is");
    }
}

/// "127.0.0.1:8686", "[::1]:0", "localhost:8686"
bool is_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const auto host = text.substr(0, colon), port = text.substr(colon + 1);
    if (host.front() == '[' ? host.back() != ']' : host.find(':') != std::string_view::npos) return false;
    std::uint16_t n = 0;
    const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), n);
    return ec == std::errc() && end == port.data() + port.size() && can_be_sent(host);
}

/// As browsers send it: no path, no slash at the end.
bool is_origin(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (text.starts_with(scheme)) {
            text.remove_prefix(scheme.size());
            return !text.empty() && can_be_sent(text) &&
                   text.find_first_of("/?#@*") == std::string_view::npos;
        }
    return false;
}

void check_listen(const AdminOptions& o, const settings::Section& s) {
    if (o.listen.empty()) return;
    if (!is_address(o.listen))
        return s.get("listen").mistake(
            s.get("listen").quoted() +
            " is no address with a port, e.g. 127.0.0.1:8686, [::1]:8686, 0.0.0.0:8686");
    if (!net::is_loopback(o.listen) && o.tokens.empty() && !o.insecure)
        s.get("listen").mistake(
            "is beyond loopback and there are no tokens: everybody who reaches it could do everything. Set "
            "tokens: [{ name: ops, role: operator, token_file: /run/secrets/halcyon }], or insecure: true");
}

}  // namespace

settings::Fields<AdminOptions> fields() {
    using settings::integer;
    using settings::text;
    return settings::Fields<AdminOptions>()
        .add("listen", &AdminOptions::listen, text(),
             {.help = "Address of the API, the dashboard, /metrics and probes; \"\": none, only the Unix "
                      "socket in the state folder. Beyond loopback tokens are needed."})
        .group("tls",
               settings::Fields<AdminOptions>()
                   .add("certificate", &AdminOptions::certificate, text(),
                        {.help = "PEM file with the certificate and its chain; read again when it changes.",
                         .example = "/etc/halcyon/tls.crt",
                         .commented = true})
                   .add("key", &AdminOptions::key, text(),
                        {.help = "PEM file with its private key.",
                         .example = "/etc/halcyon/tls.key",
                         .commented = true}),
               {.help = "Without it: plain HTTP."})
        .add(
            "tokens", &AdminOptions::tokens,
            settings::list_of(settings::object(token_fields()),
                              "[{ name: ops, role: operator, token_file: /run/secrets/halcyon }]"),
            {.help = "Who may call. Without any, everybody who reaches a loopback address may do everything.",
             .example = "[{ name: ops, role: operator, token_file: /run/secrets/halcyon }]",
             .commented = true})
        .add("insecure", &AdminOptions::insecure, settings::boolean(),
             {.help =
                  "true: listen beyond loopback without tokens. Everybody who reaches it may do everything."})
        .add("cors", &AdminOptions::cors, settings::list_of(text(), "[\"https://ops.example.com\"]"),
             {.help = "Origins of other pages that may call, with a token.",
              .example = "[\"https://ops.example.com\"]",
              .commented = true})
        .add("connections", &AdminOptions::connections, integer<std::size_t>({"1", "100000"}),
             {.help = "At once; the one that rests longest makes room for the next."})
        .add("websockets", &AdminOptions::websockets, integer<std::size_t>({"1", "100000"}),
             {.help = "At once, of them."})
        .group("ready", ready_fields(), {.help = "When /readyz says no, beside what always counts."})
        .check([](const AdminOptions& o, const settings::Section& s) {
            check_tokens(o, s);
            if (o.certificate.empty() != o.key.empty())
                s.get("tls").mistake("needs both certificate and key");
            check_listen(o, s);
            for (std::size_t i = 0; i < o.cors.size(); ++i)
                if (!is_origin(o.cors[i]))
                    s.get("cors").item(i).mistake(
                        fmt::format("\"{}\" is no origin: scheme, host and port without path, e.g. "
                                    "https://ops.example.com",
                                    o.cors[i]));
        });
}

}  // namespace halcyon::admin
