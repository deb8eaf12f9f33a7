// Settings of the HTTP interface (`http:`).
#pragma once

#include <string>
#include <vector>

#include "admin/readiness.hpp"
#include "admin/role.hpp"

namespace halcyon::admin {

struct TokenOptions {
    std::string name;  // for the log; unique, not empty
    Role role = Role::viewer;
    std::string token;  // at least 16 characters
};

struct AdminOptions {
    /// "127.0.0.1:8686", "[::1]:0", "0.0.0.0:8686"; empty: no TCP at all, only the Unix socket.
    std::string listen = "127.0.0.1:8686";
    /// PEM files, both or none; read again when they change.
    std::string certificate;
    std::string key;
    std::vector<TokenOptions> tokens;
    /// Listening beyond loopback without tokens is refused unless this is set.
    bool insecure = false;
    /// Origins of other pages that may call us with a token ("https://ops.example.com"); none by default.
    std::vector<std::string> cors;
    /// Connections and websockets at once; 1 to 100000.
    std::size_t connections = 1024;
    std::size_t websockets = 256;
    ReadinessBounds ready;
};

}  // namespace halcyon::admin
