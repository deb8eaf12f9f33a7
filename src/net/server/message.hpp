// What handlers get and give.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/clock.hpp"
#include "net/http.hpp"
#include "net/server/websocket.hpp"

namespace halcyon::net {

struct ServerRequest {
    std::string method;
    std::string path{};   // as it came: percent-encoded, begins with "/"
    std::string query{};  // as it came, without "?"
    Headers headers{};
    std::string body{};
    std::vector<std::pair<std::string, std::string>> parameters{};  // of the route's path, decoded
    std::string id{};        // 1 to 64 of [A-Za-z0-9._-]: the client's X-Request-Id, or one made here
    std::string peer{};      // "127.0.0.1", "2001:db8::1"; "unix" over a Unix socket
    bool local = false;      // came over a Unix socket
    bool tls = false;        // came over TLS
    bool websocket = false;  // asks to be upgraded to a websocket
    Deadline deadline{};     // the handler answers before it

    /// A parameter of the path. REQUIRES: the route has it (std::logic_error).
    const std::string& parameter(std::string_view name) const;
    /// A parameter of type uint.
    std::uint64_t number(std::string_view name) const;
    /// The first value of that name in the query, decoded; nothing if it is not there.
    std::optional<std::string> query_value(std::string_view name) const;
    /// Every name in the query once, decoded, in order. A Router refuses broken escapes before a handler sees
    /// them.
    std::vector<std::string> query_names() const;
    /// The subprotocols that the client of a websocket offers, the one it likes best first.
    std::vector<std::string> websocket_protocols() const;
};

struct ServerReply {
    unsigned status = 200;
    std::string body{};
    std::string content_type = "application/json";
    /// Without Content-Type, Content-Length, Date, Connection, Transfer-Encoding, X-Request-Id.
    std::vector<Header> headers{};
    /// Sent instead of `body` unless empty, without a copy. It lives as long as the program (an embedded
    /// file).
    std::string_view fixed_body{};
    /// Set: the request becomes a websocket (101 with `headers`), which is served by this coroutine and
    /// closed when it ends; it is cancelled when the server stops. Then status and bodies mean nothing. A
    /// request that asks for no websocket is answered with 426, one beyond ServerOptions.websockets with 503.
    std::function<Task<>(std::shared_ptr<WebSocket>)> upgrade{};
    /// With `upgrade`: the subprotocol that was chosen, one of websocket_protocols(); empty: none.
    std::string protocol{};
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
