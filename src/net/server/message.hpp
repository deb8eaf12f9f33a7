// What handlers get and give.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/clock.hpp"
#include "net/http.hpp"

namespace halcyon::net {

struct ServerRequest {
    std::string method;
    std::string path{};   // as it came: percent-encoded, begins with "/"
    std::string query{};  // as it came, without "?"
    Headers headers{};
    std::string body{};
    std::vector<std::pair<std::string, std::string>> parameters{};  // of the route's path, decoded
    bool local = false;                                             // came over a Unix socket
    Deadline deadline{};                                            // the handler answers before it

    /// A parameter of the path. REQUIRES: the route has it (std::logic_error).
    const std::string& parameter(std::string_view name) const;
    /// A parameter of type uint.
    std::uint64_t number(std::string_view name) const;
    /// The first value of that name in the query, decoded; nothing if it is not there.
    std::optional<std::string> query_value(std::string_view name) const;
    /// All names in the query, decoded, in order; one with a broken escape as it came.
    std::vector<std::string> query_names() const;
};

struct ServerReply {
    unsigned status = 200;
    std::string body{};
    std::string content_type = "application/json";
    std::vector<Header> headers{};  // without Content-Type, Content-Length, Date, Connection
};

/// An exception other than cancellation is a bug: it is logged and answered with 500.
using Handler = std::function<Task<ServerReply>(ServerRequest)>;

/// RFC 9457 problem details as application/problem+json. `field` names the part of the request that is wrong.
ServerReply problem(unsigned status, std::string_view title, std::string_view detail = {},
                    std::string_view field = {});

/// "%41+b" is "A+b" ("A b" with `plus_is_space`, as in queries); nothing for a broken escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
/// The reverse: everything but letters, digits, "-", ".", "_" and "~" is escaped.
std::string percent_encode(std::string_view text);

}  // namespace halcyon::net
