// What concerns the flow as a whole: pauses, guards, orphans.
#include <boost/json.hpp>

#include "admin/body.hpp"
#include "admin/tables.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

/// {"orphans": true} removes what routes that are gone left; otherwise guards let go.
net::ServerReply apply(Sidecar& sidecar, const net::ServerRequest& request) {
    auto read = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&read)) return std::move(*wrong);
    const auto& body = std::get<json::object>(read);
    bool orphans = false;
    if (auto wrong = unknown_field(body, {"orphans"})) return std::move(*wrong);
    if (auto wrong = read_flag(body, "orphans", orphans)) return std::move(*wrong);
    if (orphans) return reply_of({{"routes", sidecar.flow.remove_orphans()}});
    const auto held = sidecar.status.overview().held.size();
    sidecar.flow.approve();
    return reply_of({{"released", held}});
}

Task<net::ServerReply> halt(Sidecar* sidecar, bool on, std::optional<CollectionName> collection,
                            net::ServerRequest request) {
    auto read = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    if (auto wrong = unknown_field(std::get<json::object>(read), {})) co_return std::move(*wrong);
    const bool named = collection.has_value();
    auto done = on ? co_await sidecar->flow.pause(std::move(collection))
                   : co_await sidecar->flow.resume(std::move(collection));
    if (done.has_error() && named && done.error().cause == Cause::not_found)
        co_return net::problem(404, "no such collection", done.error().context, "name");
    if (done.has_error()) co_return answer(done.error());
    json::array names;
    for (const auto& name : done.value()) names.emplace_back(name.value());
    co_return reply_of({{"collections", std::move(names)}});
}

}  // namespace

Routes flow_routes(Sidecar& sidecar) {
    auto* s = &sidecar;
    const auto one = [s](bool on) {
        return [s, on](net::ServerRequest r) {
            return halt(s, on, CollectionName(r.parameter("name")), std::move(r));
        };
    };
    const auto all = [s](bool on) {
        return [s, on](net::ServerRequest r) { return halt(s, on, std::nullopt, std::move(r)); };
    };
    return {
        {"POST", "/v1/apply", Role::operator_, [s](net::ServerRequest r) { return ready(apply(*s, r)); }},
        {"POST", "/v1/collections/{name}/pause", Role::operator_, one(true)},
        {"POST", "/v1/collections/{name}/resume", Role::operator_, one(false)},
        {"POST", "/v1/pause", Role::operator_, all(true)},
        {"POST", "/v1/resume", Role::operator_, all(false)},
    };
}

}  // namespace halcyon::admin
