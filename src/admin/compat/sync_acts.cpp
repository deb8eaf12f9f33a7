// What earlier systems' clients do.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "admin/compat/sync.hpp"

namespace halcyon::admin::compat {
namespace {

namespace json = boost::json;

constexpr std::size_t most_ids = 50;
constexpr std::size_t most_collections = 100;

struct Acted {
    std::vector<DocId> ids;
    std::set<std::string> only;  // collections; empty: all
    RetryRequest how;
};

Read<std::vector<std::string>> texts_of(const json::object& o, std::string_view name, std::size_t most) {
    const auto* v = o.if_contains(name);
    if (!v || !v->is_array() || v->as_array().empty() || v->as_array().size() > most)
        return net::problem(400, "wrong type", fmt::format("{} must be a list of 1 to {}", name, most), name);
    std::vector<std::string> out;
    for (const auto& item : v->as_array()) {
        const auto field = fmt::format("{}[{}]", name, out.size());
        if (!item.is_string())
            return net::problem(400, "wrong type", fmt::format("{} must be a text", field), field);
        out.emplace_back(item.as_string());
    }
    return out;
}

std::optional<Wrong> add_id(std::string_view text, const std::string& field, Acted& out) {
    const auto id = DocId::parse(text);
    if (id.has_error()) return net::problem(400, "no id", id.error().context, field);
    if (std::find(out.ids.begin(), out.ids.end(), id.value()) == out.ids.end()) out.ids.push_back(id.value());
    return std::nullopt;
}

/// force and collections, as every one of these routes takes them.
std::optional<Wrong> read_common(const json::object& body, const Edges& routes, Acted& out) {
    if (auto wrong = read_flag(body, "force", out.how.force)) return wrong;
    if (!body.contains("collections")) return std::nullopt;
    auto names = texts_of(body, "collections", most_collections);
    if (auto* wrong = std::get_if<Wrong>(&names)) return std::move(*wrong);
    std::size_t at = 0;
    for (auto& name : std::get<std::vector<std::string>>(names)) {
        if (name.empty() || !leads(routes, "", name))
            return net::problem(404, "no such collection", fmt::format("no route leads to {}", name),
                                fmt::format("collections[{}]", at));
        out.only.insert(std::move(name));
        ++at;
    }
    return std::nullopt;
}

Read<Acted> read_batch(const json::object& body, const Edges& routes) {
    Acted out;
    if (auto wrong = unknown_field(body, {"ids", "force", "collections"})) return std::move(*wrong);
    auto ids = texts_of(body, "ids", most_ids);
    if (auto* wrong = std::get_if<Wrong>(&ids)) return std::move(*wrong);
    std::size_t at = 0;
    for (const auto& id : std::get<std::vector<std::string>>(ids))
        if (auto wrong = add_id(id, fmt::format("ids[{}]", at++), out)) return std::move(*wrong);
    if (auto wrong = read_common(body, routes, out)) return std::move(*wrong);
    return out;
}

Read<Acted> read_one(const json::object& body, const std::string& id, const Edges& routes) {
    Acted out;
    if (auto wrong = unknown_field(body, {"force", "collections"})) return std::move(*wrong);
    if (auto wrong = add_id(id, "id", out)) return std::move(*wrong);
    if (auto wrong = read_common(body, routes, out)) return std::move(*wrong);
    return out;
}

Read<Acted> read_reset(const json::object& body, const std::string& id) {
    Acted out;
    if (auto wrong = unknown_field(body, {})) return std::move(*wrong);
    if (auto wrong = add_id(id, "id", out)) return std::move(*wrong);
    out.how.reset = true;
    return out;
}

std::string tried(std::size_t n) {
    return fmt::format("{} {} read again and tried now", n, n == 1 ? "is" : "are");
}

json::object told(const Acted& acted, const std::vector<ReceiptKey>& keys) {
    std::map<DocumentKey, json::array> documents;
    std::map<DocId, std::size_t> times;
    for (const auto& key : keys) {
        auto& collections = documents[key.document];
        if (collections.empty()) ++times[key.document.id];
        collections.emplace_back(key.collection.value());
    }
    auto message = tried(keys.size());
    json::array rows, unknown;
    for (auto& [key, collections] : documents)
        rows.push_back(json::object{
            {"id", key.id.json()}, {"namespace", key.ns.text()}, {"collections", std::move(collections)}});
    for (const auto& id : acted.ids) {
        const auto found = times.find(id);
        if (found == times.end()) unknown.emplace_back(id.json());
        if (found != times.end() && found->second > 1)
            message += fmt::format("; {} stands in {} namespaces, and all of these are tried", id.display(),
                                   found->second);
    }
    return {{"success", true},
            {"message", message},
            {"retried", keys.size()},
            {"documents", std::move(rows)},
            {"notFound", std::move(unknown)}};
}

/// Those of which something is known, or all if the client insists. `one`: it is the only one, and must be
/// known.
Task<net::ServerReply> act(Sidecar* sidecar, Edges routes, Acted acted, bool one) {
    std::vector<ReceiptKey> keys;
    for (const auto& id : acted.ids)
        for (auto& key : keys_of(id, routes, acted.only)) keys.push_back(std::move(key));
    if (!acted.how.force) {
        const auto known = co_await known_of(&sidecar->state, keys);
        if (known.has_error()) co_return answer(known.error());
        std::erase_if(keys, [&](const auto& key) { return !known.value().contains(key.document); });
    }
    if (one && keys.empty())
        co_return net::problem(404, "unknown document",
                               fmt::format("nothing is known of {}; with force it is read from MongoDB all "
                                           "the same",
                                           acted.ids.front().display()),
                               "id");
    auto reply = told(acted, keys);
    auto done = co_await retry_all(&sidecar->documents, std::move(keys), acted.how);
    if (done.has_error()) co_return answer(done.error());
    co_return reply_of(reply);
}

enum class Kind { one, batch, reset };

Task<net::ServerReply> retry(Sidecar* sidecar, Kind kind, net::ServerRequest request) {
    auto body = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&body)) co_return std::move(*wrong);
    const auto& o = std::get<json::object>(body);
    auto routes = sidecar->status.overview().routes;
    auto read = kind == Kind::batch ? read_batch(o, routes)
                : kind == Kind::one ? read_one(o, request.parameter("id"), routes)
                                    : read_reset(o, request.parameter("id"));
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    co_return co_await act(sidecar, std::move(routes), std::move(std::get<Acted>(read)), kind != Kind::batch);
}

Task<net::ServerReply> all_pending(Sidecar* sidecar, net::ServerRequest request) {
    auto body = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&body)) co_return std::move(*wrong);
    if (auto wrong = unknown_field(std::get<json::object>(body), {})) co_return std::move(*wrong);
    auto keys = co_await keys_with(&sidecar->state, sidecar->status.overview().routes, std::nullopt,
                                   SyncStatus::pending);
    if (keys.has_error()) co_return answer(keys.error());
    const auto n = keys.value().size();
    auto done = co_await retry_all(&sidecar->documents, std::move(keys.value()), {});
    if (done.has_error()) co_return answer(done.error());
    co_return reply_of({{"success", true}, {"message", tried(n)}, {"retried", n}});
}

net::ServerReply run_worker(Sidecar& sidecar, const net::ServerRequest& request) {
    auto body = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&body)) return std::move(*wrong);
    if (auto wrong = unknown_field(std::get<json::object>(body), {})) return std::move(*wrong);
    sidecar.documents.run_retries(std::nullopt);
    const auto n = sidecar.status.overview().collections.size();
    const auto message =
        fmt::format("the retry worker begins a cycle in {} collection{}", n, n == 1 ? "" : "s");
    return reply_of({{"success", true}, {"message", message}, {"collections", n}});
}

}  // namespace

Routes sync_acts(Sidecar& sidecar) {
    auto* s = &sidecar;
    const auto acts = [s](Kind kind) {
        return [s, kind](net::ServerRequest r) { return retry(s, kind, std::move(r)); };
    };
    const auto pending = [s](net::ServerRequest r) { return all_pending(s, std::move(r)); };
    const std::string base = "/api/sync";
    Routes out{{"POST", base + "/documents/{id}/retry", Role::operator_, acts(Kind::one)},
               {"POST", base + "/tools/{id}/retry", Role::operator_, acts(Kind::one)},
               {"POST", base + "/worker/run", Role::operator_,
                [s](net::ServerRequest r) { return ready(run_worker(*s, r)); }}};
    for (const auto& prefix : {base, base + "/tools"}) {
        out.push_back({"POST", prefix + "/batch", Role::operator_, acts(Kind::batch)});
        out.push_back({"POST", prefix + "/all-pending", Role::operator_, pending});
        out.push_back({"POST", prefix + "/reset/{id}", Role::operator_, acts(Kind::reset)});
    }
    return out;
}

}  // namespace halcyon::admin::compat
