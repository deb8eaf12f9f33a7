// One connection of a server, from its handshake to its end.
#pragma once

#include <memory>

#include "net/server/http_server.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

struct Connection {
    std::unique_ptr<Stream> stream;
    bool local = false;
    bool resting = false;   // between requests: may be closed without loss
    bool stopping = false;  // the next reply is the last
};

/// Serves requests one after the other until either side wants no more.
/// REQUIRES: `options` and `handler` live until it ends.
Task<> serve_connection(std::shared_ptr<Connection> connection, const ServerOptions& options,
                        const Handler& handler);

}  // namespace halcyon::net
