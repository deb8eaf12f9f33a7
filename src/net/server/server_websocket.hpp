// The server's side of a websocket (RFC 6455), over any stream. Its .cpp is the only place that knows
// Beast's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/server/http_server.hpp"
#include "net/server/upgrade.hpp"
#include "net/server/websocket.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

class ServerWebSocket : public WebSocket {
  public:
    /// Closes the stream: what is under way ends, and so will all that follows.
    virtual void end() = 0;
    /// Until a `close` that is under way has ended. One caller.
    virtual Task<> settled() = 0;
    /// The peer broke the protocol or a limit and was told so, but it may still be sending.
    virtual bool refused() const = 0;
};

/// Answers the request with 101 and `headers`, within the options' send time. Null if that did not work out.
/// `already_read`: what came behind the request. REQUIRES: refuse_upgrade has nothing against it.
Task<std::shared_ptr<ServerWebSocket>> accept_websocket(std::shared_ptr<Stream> stream,
                                                        UpgradeRequest request, std::vector<Header> headers,
                                                        std::string already_read, WebSocketOptions options);

}  // namespace halcyon::net
