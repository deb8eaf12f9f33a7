// What is shown of the whole: probes, status, collections, settings, the log's level.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "admin/body.hpp"
#include "admin/tables.hpp"
#include "base/log.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

net::ServerReply fresh(net::ServerReply reply) {
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

net::ServerReply readyz(Sidecar& sidecar) {
    const auto s = sidecar.glance();
    return fresh(reply_of(api::ready_json(s.ready, s.reasons), s.ready ? 200 : 503));
}

/// Until every route was compared once.
net::ServerReply startupz(Sidecar& sidecar) {
    const auto o = sidecar.status.overview();
    bool started = !o.routes.empty();
    json::array routes;
    for (const auto& r : o.routes) {
        started = started && r.phase == "done";
        routes.push_back(api::route_json(r));
    }
    return fresh(reply_of({{"started", started}, {"routes", std::move(routes)}}, started ? 200 : 503));
}

/// For `halcyon health`.
net::ServerReply health(Sidecar& sidecar) {
    const auto s = sidecar.glance();
    json::array says;
    for (const auto& r : s.reasons) says.emplace_back(r.says);
    return fresh(
        reply_of({{"healthy", s.ready}, {"in_sync", s.overview.in_sync}, {"reasons", std::move(says)}},
                 s.ready ? 200 : 503));
}

Task<net::ServerReply> status(Sidecar* sidecar) {
    const auto s = co_await sidecar->look();
    co_return fresh({.status = 200, .body = api::overview_json(s)});
}

Task<net::ServerReply> collections(Sidecar* sidecar) {
    const auto s = co_await sidecar->look();
    json::array rows;
    for (const auto& c : s.overview.collections) rows.push_back(api::collection_json(c, s.counts));
    co_return fresh(reply_of({{"collections", std::move(rows)}}));
}

Task<net::ServerReply> collection(Sidecar* sidecar, net::ServerRequest request) {
    const auto& name = request.parameter("name");
    const auto s = co_await sidecar->look();
    for (const auto& c : s.overview.collections)
        if (c.name == name) co_return fresh(reply_of(api::collection_json(c, s.counts)));
    co_return net::problem(404, "no such collection", fmt::format("no route leads to {}", name), "name");
}

net::ServerReply log_level() { return fresh(reply_of({{"level", log::to_string(log::level())}})); }

net::ServerReply set_log_level(const net::ServerRequest& request) {
    auto read = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&read)) return std::move(*wrong);
    const auto& body = std::get<json::object>(read);
    if (auto wrong = unknown_field(body, {"level"})) return std::move(*wrong);
    auto text = text_of(body, "level");
    if (auto* wrong = std::get_if<Wrong>(&text)) return std::move(*wrong);
    const auto level = log::parse_level(std::get<std::optional<std::string>>(text).value_or(""));
    if (!level)
        return net::problem(400, "no such level", "one of trace, debug, info, warn, error, off", "level");
    log::set_level(*level);
    log::info("log", "the level is {} now, until the next start", log::to_string(*level));
    return log_level();
}

}  // namespace

Routes status_routes(Sidecar& sidecar) {
    auto* s = &sidecar;
    return {
        {"GET", "/healthz", Role::nobody,
         [](net::ServerRequest) { return ready(fresh(reply_of({{"alive", true}}))); }},
        {"GET", "/readyz", Role::nobody, [s](net::ServerRequest) { return ready(readyz(*s)); }},
        {"GET", "/startupz", Role::nobody, [s](net::ServerRequest) { return ready(startupz(*s)); }},
        {"GET", "/v1/health", Role::viewer, [s](net::ServerRequest) { return ready(health(*s)); }},
        {"GET", "/v1/status", Role::viewer, [s](net::ServerRequest) { return status(s); }},
        {"GET", "/v1/collections", Role::viewer, [s](net::ServerRequest) { return collections(s); }},
        {"GET", "/v1/collections/{name}", Role::viewer,
         [s](net::ServerRequest r) { return collection(s, std::move(r)); }},
        {"GET", "/v1/settings", Role::viewer,
         [s](net::ServerRequest) { return ready(fresh({.status = 200, .body = s->facts.settings})); }},
        {"GET", "/v1/log", Role::viewer, [](net::ServerRequest) { return ready(log_level()); }},
        {"PUT", "/v1/log", Role::operator_, [](net::ServerRequest r) { return ready(set_log_level(r)); }},
    };
}

}  // namespace halcyon::admin
