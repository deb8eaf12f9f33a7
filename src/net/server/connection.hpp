// One connection of a server, from its handshake to its end.
#pragma once

#include <memory>
#include <string>

#include "net/server/http_server.hpp"
#include "net/server/server_websocket.hpp"
#include "net/server/shedding.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

/// What the connections of a server share.
struct Service {
    ServerOptions options;
    Handler handler;
    std::size_t websockets = 0;  // open now
    std::size_t bodies = 0;      // bytes, against ServerOptions.bodies_bytes
};

struct Connection {
    std::shared_ptr<Stream> stream;
    std::string peer{};  // see ServerRequest
    bool local = false;
    bool tls = false;
    bool resting = false;   // between requests: may be closed without loss
    bool stopping = false;  // the next reply is the last
    bool shed = false;      // has been closed to make room
    Occupation occupation{};
    std::shared_ptr<ServerWebSocket> websocket{};  // while it is one
};

/// Serves requests one after the other until either side wants no more.
/// REQUIRES: `service` lives until it ends.
Task<> serve_connection(std::shared_ptr<Connection> connection, Service& service);

}  // namespace halcyon::net
