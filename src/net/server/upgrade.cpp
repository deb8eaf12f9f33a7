#include "net/server/upgrade.hpp"

#include <algorithm>

namespace halcyon::net {
namespace {

bool lists(const Headers& headers, std::string_view name, std::string_view token) {
    return std::ranges::any_of(headers.list(name),
                               [&](std::string_view t) { return equal_without_case(t, token); });
}

/// Sixteen bytes as base64.
bool is_key(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return text.size() == 24 && text.ends_with("==") &&
           text.substr(0, 22).find_first_not_of(digits) == std::string_view::npos;
}

ServerReply upgrade_required(std::string_view detail, Header header) {
    auto reply = problem(426, "Upgrade Required", detail);
    reply.headers.push_back(std::move(header));
    return reply;
}

}  // namespace

std::optional<UpgradeRequest> upgrade_request(std::string_view method, std::string_view target,
                                              const Headers& headers) {
    if (method != "GET" || !lists(headers, "Connection", "upgrade") ||
        !lists(headers, "Upgrade", "websocket"))
        return std::nullopt;
    const auto text = [&](std::string_view name) { return std::string(headers.find(name).value_or("")); };
    UpgradeRequest request{.target = std::string(target),
                           .host = text("Host"),
                           .key = text("Sec-WebSocket-Key"),
                           .version = text("Sec-WebSocket-Version")};
    for (const auto offer : headers.list("Sec-WebSocket-Extensions"))
        request.extensions.append(request.extensions.empty() ? "" : ", ").append(offer);
    for (const auto protocol : headers.list("Sec-WebSocket-Protocol"))
        request.protocols.emplace_back(protocol);
    request.has_body =
        headers.find("Transfer-Encoding") || headers.find("Content-Length").value_or("0") != "0";
    return request;
}

std::optional<ServerReply> refuse_upgrade(const std::optional<UpgradeRequest>& request,
                                          std::string_view protocol) {
    if (!request) {
        auto reply = upgrade_required("this path speaks websocket", {"Upgrade", "websocket"});
        reply.headers.emplace_back("Connection", "Upgrade");
        return reply;
    }
    if (request->version != "13")
        return upgrade_required("version 13 of websocket is spoken here", {"Sec-WebSocket-Version", "13"});
    if (!is_key(request->key))
        return problem(400, "Bad Request", "it must be sixteen bytes as base64", "Sec-WebSocket-Key");
    if (request->host.empty()) return problem(400, "Bad Request", "it must be there", "Host");
    if (request->has_body) return problem(400, "Bad Request", "a websocket's request has no body");
    if (!protocol.empty() && std::ranges::find(request->protocols, protocol) == request->protocols.end())
        return problem(500, "Internal Server Error", "a subprotocol was chosen that was not offered");
    return std::nullopt;
}

}  // namespace halcyon::net
