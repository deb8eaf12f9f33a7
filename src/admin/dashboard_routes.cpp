// The dashboard's files: constant, without data, open to all; what they show they ask for with a token.
#include "admin/assets.hpp"
#include "admin/body.hpp"
#include "admin/tables.hpp"

namespace halcyon::admin {
namespace {

/// Nothing from elsewhere, nothing inline, in nobody's frame.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

net::ServerReply file(const Asset& asset, const net::ServerRequest& request) {
    net::ServerReply reply;
    reply.headers = {{"ETag", std::string(asset.etag)},
                     {"Cache-Control", "no-cache"},
                     {"Content-Security-Policy", std::string(policy)},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"}};
    if (request.headers.find("If-None-Match") == asset.etag) {
        reply.status = 304;
        return reply;
    }
    reply.content_type = std::string(asset.type);
    reply.fixed_body = asset.content;
    return reply;
}

}  // namespace

Routes dashboard_routes() {
    Routes routes;
    for (const auto& asset : assets())
        routes.push_back({"GET", std::string(asset.path), Role::nobody,
                          [a = &asset](net::ServerRequest r) { return ready(file(*a, r)); }});
    return routes;
}

}  // namespace halcyon::admin
