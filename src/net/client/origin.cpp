#include "net/client/origin.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <charconv>

namespace halcyon::net {
namespace {

// The URL may hold a password: it is not repeated.
auto invalid(std::string_view why) {
    return fail(Verdict::fatal, Cause::invalid, fmt::format("URL: {}", why));
}

std::uint16_t default_port(Origin::Kind kind) { return kind == Origin::Kind::tls ? 443 : 80; }

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

}  // namespace

std::string Origin::text() const {
    if (kind == Kind::unix_socket) return "unix:" + host;
    return fmt::format("{}://{}:{}", kind == Kind::tls ? "https" : "http", bracketed(host), port);
}

std::string Origin::authority() const {
    if (kind == Kind::unix_socket) return "localhost";
    return port == default_port(kind) ? bracketed(host) : fmt::format("{}:{}", bracketed(host), port);
}

Result<Origin> parse_origin(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed) return invalid("not of the form http://host:port, https://host or unix:/path");
    const auto& u = *parsed;
    const std::string scheme(u.scheme());
    Origin origin;
    if (scheme == "unix") {
        origin.kind = Origin::Kind::unix_socket;
        origin.host = u.path();
        if (origin.host.size() < 2 || origin.host[0] != '/' || !u.encoded_host().empty())
            return invalid("unix: needs the socket's whole path, as in unix:/run/halcyon.sock");
        return origin;
    }
    if (scheme != "http" && scheme != "https")
        return invalid(fmt::format("\"{}\" is no scheme of ours (http, https, unix)", scheme));
    origin.kind = scheme == "https" ? Origin::Kind::tls : Origin::Kind::tcp;
    if (u.has_userinfo()) return invalid("credentials do not belong into it; set the API key instead");
    if (u.has_query() || u.has_fragment()) return invalid("? and # do not belong into it");
    origin.host = u.host_address();
    if (origin.host.empty()) return invalid("there is no host in it");
    origin.port = default_port(origin.kind);
    if (u.has_port()) {
        const std::string_view digits(u.port().data(), u.port().size());
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), origin.port);
        if (error != std::errc{} || end != digits.data() + digits.size() || origin.port == 0)
            return invalid("its port is not in 1..65535");
    }
    origin.base = std::string(u.encoded_path());
    while (!origin.base.empty() && origin.base.back() == '/') origin.base.pop_back();
    return origin;
}

}  // namespace halcyon::net
