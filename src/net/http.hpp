// The vocabulary of HTTP/1.1 that client and server share. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halcyon::net {

using Header = std::pair<std::string, std::string>;

/// In order of arrival; names are compared without case.
struct Headers {
    std::vector<Header> all;
    /// The first of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    /// The elements of the comma-separated lists in all of that name, without space around and empty ones.
    std::vector<std::string_view> list(std::string_view name) const;
};

/// What a client sends. Content-Length, Host, User-Agent and Connection are the client's own business.
/// REQUIRES: `target` begins with "/" and is percent-encoded; no CR, LF or NUL in target, names or values
/// (refused as {reject, invalid}).
struct Request {
    std::string method = "GET";
    std::string target = "/";  // appended to the path of the client's URL
    std::vector<Header> headers{};
    std::string body{};
    /// Written after `body`, in order, without joining: one request may carry many large pieces.
    std::vector<std::string> more{};
    std::size_t body_bytes() const;
};

struct Reply {
    unsigned status = 0;
    Headers headers{};
    std::string body{};
};

bool equal_without_case(std::string_view a, std::string_view b);

}  // namespace halcyon::net
