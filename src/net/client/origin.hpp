// Where a client sends its requests: the parts of its URL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace halcyon::net {

struct Origin {
    enum class Kind { tcp, tls, unix_socket };
    Kind kind = Kind::tcp;
    std::string host{};  // a name or an address, without brackets; of a Unix socket: its path
    std::uint16_t port = 0;
    std::string base{};  // path before every target, without a slash at its end
    /// "https://host:443", "unix:/path"
    std::string text() const;
    /// For the Host header: without the port where it is the scheme's own.
    std::string authority() const;
};

/// See HttpClient::make. Errors: {fatal, invalid}.
Result<Origin> parse_origin(std::string_view url);

}  // namespace halcyon::net
