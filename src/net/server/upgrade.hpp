// From a request to a websocket: what is asked for, and what is missing. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/server/message.hpp"

namespace halcyon::net {

/// What a handshake needs of the request that asked for it.
struct UpgradeRequest {
    std::string target{};
    std::string host{};
    std::string key{};         // Sec-WebSocket-Key
    std::string version{};     // Sec-WebSocket-Version
    std::string extensions{};  // Sec-WebSocket-Extensions, joined
    std::vector<std::string> protocols{};
    bool has_body = false;
};

/// Nothing if the request (of HTTP/1.1) asks for no websocket.
std::optional<UpgradeRequest> upgrade_request(std::string_view method, std::string_view target,
                                              const Headers& headers);

/// The reply that says why there is no websocket; nothing if there can be one. `protocol`: what the handler
/// chose.
std::optional<ServerReply> refuse_upgrade(const std::optional<UpgradeRequest>& request,
                                          std::string_view protocol);

}  // namespace halcyon::net
