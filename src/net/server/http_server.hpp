// An HTTP/1.1 server: TCP, TLS and Unix sockets, keep-alive, limits, an orderly stop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "async/clock.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/server/message.hpp"

namespace halcyon::net {

struct WebSocketOptions {
    std::size_t message_bytes = 64 * KiB;  // larger messages of clients close it with 1009; 1 and up
    /// A peer from which nothing is heard for half as long is pinged; for as long, is closed. More than zero.
    Duration idle_time = std::chrono::seconds(60);
    /// For a message to be taken, for a handshake, and for the answer to a close. More than zero.
    Duration send_time = std::chrono::seconds(10);
    bool compress = true;  // messages of 256 bytes and more, if the client understands permessage-deflate
};

struct ServerOptions {
    /// Most at once for each listener, 1 and up. A newcomer beyond it takes the place of the connection that
    /// has been without a request longest, whether it rests, shakes hands or is still sending a head, or else
    /// a body. Connections whose request is being handled, and websockets, stay: then newcomers wait in the
    /// backlog. Never more than a quarter of the files that the process may open (RLIMIT_NOFILE). More files
    /// do not make more places than this, since each may take 26 KB while its head is at the limit of 16 KiB,
    /// over TLS 120 KB.
    std::size_t connections = 1024;
    std::size_t websockets = 256;         // most at once; requests beyond it are answered with 503. 0: none
    std::size_t header_bytes = 16 * KiB;  // larger heads are answered with 431; up to 2 GiB
    std::size_t body_bytes = 8 * MiB;     // larger bodies are answered with 413
    /// Of all bodies that are being received or handled; beyond it requests with a body are answered with
    /// 503. One alone, and those over a Unix socket, always pass. A body in chunks counts as the largest one.
    std::size_t bodies_bytes = 64 * MiB;
    Duration idle_time = std::chrono::seconds(75);  // how long a kept-alive connection may rest
    Duration head_time = std::chrono::seconds(10);  // from the first byte of a request to the end of its head
    Duration body_time = std::chrono::seconds(30);  // for a whole body to arrive, and for a reply to be taken
    Duration handle_time = std::chrono::seconds(60);  // becomes the deadline of the handler
    WebSocketOptions websocket{};
};

/// Thread rule: the loop.
class HttpServer {
  public:
    HttpServer(async::Executor executor, ServerOptions options, Handler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// "127.0.0.1:8686", "[::1]:0", "localhost:8686"; returns the port. Errors: {fatal, conflict} if it is
    /// taken, {fatal, invalid} if it can't be.
    Result<std::uint16_t> listen_tcp(std::string_view address);
    /// With a certificate chain and its private key (PEM files, the key without a passphrase), checked here:
    /// {fatal, invalid} for files that can't be read, are no PEM or do not belong together, and for a
    /// certificate that has expired or is not yet valid. When the files change, connections that come more
    /// than a second later get the new pair; one that is not good is logged as an error, and the old one
    /// stays.
    Result<std::uint16_t> listen_tls(std::string_view address, const std::string& certificate,
                                     const std::string& key);
    /// Only the owner can connect (mode 0600). A socket file on which nobody listens is replaced. Errors:
    /// {fatal, conflict} if somebody listens there, or if the file is no socket.
    Result<> listen_unix(const std::string& path);

    /// Serves until `stop`, or until it is cancelled; nothing runs when it has ended. Call it once, after the
    /// listens, from a TaskGroup of the caller.
    Task<> serve();
    /// Accepts no more, closes connections that rest, says 1001 (going away) to websockets, lets these and
    /// the requests under way end until `deadline`, then cancels them. `serve` ends after that. May be called
    /// more than once: the sooner deadline counts.
    void stop(Deadline deadline);
    std::size_t connections() const;
    /// Those of `connections` that have become websockets.
    std::size_t websockets() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::net
