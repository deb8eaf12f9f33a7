#include "admin/server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "admin/body.hpp"
#include "admin/idempotency.hpp"
#include "core/utf8.hpp"
#include "net/server/router.hpp"

namespace halcyon::admin {
namespace {

struct Gate {
    explicit Gate(const AdminOptions& options) : access(std::make_shared<const Access>(options)) {}
    std::shared_ptr<const Access> access;
    Idempotency idempotency;
};
using GatePtr = std::shared_ptr<Gate>;

/// The values of the query and of the path are UTF-8 when a handler sees them.
std::optional<Wrong> wrong_parameter(const net::ServerRequest& request,
                                     const std::vector<std::string>& known) {
    const auto wrong = [](std::string_view name, std::string_view why) {
        return net::problem(400, "wrong parameter", fmt::format("{} {}", name, why), name);
    };
    for (const auto& [name, value] : request.parameters)
        if (!utf8::valid(value)) return wrong(name, "is not UTF-8");
    for (const auto& name : request.query_names()) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return net::problem(400, "unknown parameter",
                                known.empty() ? fmt::format("{}: this takes no parameters", name)
                                              : fmt::format("{} is none of {}", name, fmt::join(known, ", ")),
                                name);
        const auto value = request.query_value(name);
        if (!value) return wrong(name, "has a broken percent escape");
        if (!utf8::valid(*value)) return wrong(name, "is not UTF-8");
    }
    return std::nullopt;
}

/// A request of the same caller with the same key is the same only if all of it is.
Task<net::ServerReply> once(GatePtr gate, const Route* route, std::string caller,
                            net::ServerRequest request) {
    const auto header = request.headers.find("Idempotency-Key");
    if (request.method != "POST" || !header) co_return co_await route->handler(std::move(request));
    const auto key = std::string(*header);
    const auto digest =
        DigestBuilder().add(caller).add(request.path).add(request.query).add(request.body).finish();
    if (auto known = gate->idempotency.begin(key, digest, async::SystemClock().now()))
        co_return std::move(*known);
    struct Abandon {
        Gate& gate;
        const std::string& key;
        Digest request;
        bool armed = true;
        ~Abandon() {
            if (armed) gate.idempotency.abandoned(key, request);
        }
    } abandon{*gate, key, digest};
    auto reply = co_await route->handler(std::move(request));
    abandon.armed = false;
    gate->idempotency.ended(key, digest, reply);
    co_return reply;
}

Task<net::ServerReply> pass(GatePtr gate, const Route* route, net::ServerRequest request) {
    auto admitted = gate->access->admit(request, route->needs);
    if (auto* refused = std::get_if<net::ServerReply>(&admitted)) co_return std::move(*refused);
    if (auto wrong = wrong_parameter(request, route->query)) co_return std::move(*wrong);
    co_return co_await once(gate, route, std::get<Caller>(admitted).name, std::move(request));
}

/// Replies that a listed origin may read, and answers to its preflights.
Task<net::ServerReply> cross_origin(GatePtr gate, std::shared_ptr<const net::Handler> inner,
                                    net::ServerRequest request) {
    const auto origin = gate->access->cors_origin(request);
    const bool preflight =
        origin && request.method == "OPTIONS" && request.headers.find("Access-Control-Request-Method");
    net::ServerReply reply;
    if (preflight) {
        reply.status = 204;
        reply.headers = {{"Access-Control-Allow-Methods", "GET, POST, PUT"},
                         {"Access-Control-Allow-Headers",
                          "Authorization, Content-Type, Idempotency-Key, X-Api-Key, X-Request-Id"},
                         {"Access-Control-Max-Age", "600"}};
    } else {
        reply = co_await (*inner)(std::move(request));
    }
    if (origin) {
        reply.headers.emplace_back("Access-Control-Allow-Origin", *origin);
        reply.headers.emplace_back("Access-Control-Expose-Headers",
                                   "Location, Idempotency-Replayed, X-Request-Id");
        reply.headers.emplace_back("Vary", "Origin");
    }
    co_return reply;
}

}  // namespace

Routes all_routes(Sidecar& sidecar) {
    Routes all;
    for (auto table : {status_routes, flow_routes, document_routes, letter_routes, job_routes, metrics_routes,
                       compat_routes})
        for (auto& route : table(sidecar)) all.push_back(std::move(route));
    for (auto& route : dashboard_routes()) all.push_back(std::move(route));
    return all;
}

net::Handler serve(Routes routes, const AdminOptions& options, const std::string& version) {
    const auto gate = std::make_shared<Gate>(options);
    for (auto& route : about_routes(gate->access, version)) routes.push_back(std::move(route));
    const auto kept = std::make_shared<const Routes>(std::move(routes));
    net::Router router;
    for (const auto& route : *kept)
        router.add(route.method, route.pattern, [gate, kept, r = &route](net::ServerRequest request) {
            return pass(gate, r, std::move(request));
        });
    const auto inner = std::make_shared<const net::Handler>(router.handler());
    return
        [gate, inner](net::ServerRequest request) { return cross_origin(gate, inner, std::move(request)); };
}

}  // namespace halcyon::admin
