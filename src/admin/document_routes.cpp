#include "admin/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <variant>

#include "admin/body.hpp"
#include "admin/retrying.hpp"
#include "api/document_json.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t most_documents = 1000;

Task<net::ServerReply> list(Sidecar* sidecar, net::ServerRequest request) {
    const auto limit = page_limit(request, api::largest_page);
    if (!limit) co_return wrong_limit(api::largest_page);
    if (auto wrong = empty_parameter(request, {"status", "collection", "namespace"}))
        co_return std::move(*wrong);
    std::string field;
    const auto filter = api::document_filter(
        {request.query_value("status").value_or(""), request.query_value("collection").value_or(""),
         request.query_value("namespace").value_or("")},
        &field);
    if (filter.has_error())
        co_return net::problem(400, "no such list of documents", filter.error().context, field);
    auto page = co_await sidecar->state.documents(filter.value(), request.query_value("from"), *limit);
    if (page.has_error()) co_return wrong_page(page.error());
    co_return net::ServerReply{.status = 200, .body = api::documents_json(page.value())};
}

struct RetryBody {
    std::vector<ReceiptKey> keys;      // in the order in which they were named
    std::optional<SyncStatus> status;  // all that stand so instead
    std::optional<CollectionName> collection;
    RetryRequest how;
};

/// One of "documents" becomes a key for each collection that it is meant in.
std::optional<Wrong> add_keys(const json::value& row, std::size_t at, const Edges& routes, RetryBody& out) {
    const auto where = fmt::format("documents[{}].", at);
    const auto named = where.substr(0, where.size() - 1);
    if (!row.is_object())
        return net::problem(400, "wrong type", fmt::format("{} must be an object", named), named);
    const auto& o = row.as_object();
    if (auto wrong = unknown_field(o, {"collection", "namespace", "id"}, where)) return wrong;
    std::string text[3];
    const std::string_view names[]{"collection", "namespace", "id"};
    for (std::size_t i = 0; i < 3; ++i) {
        auto got = text_of(o, names[i], where);
        if (auto* wrong = std::get_if<Wrong>(&got)) return std::move(*wrong);
        const auto& value = std::get<std::optional<std::string>>(got);
        if (!value && i > 0)
            return net::problem(400, "a field is missing",
                                fmt::format("{}{} must be a text", where, names[i]),
                                where + std::string(names[i]));
        if (value && value->empty() && i == 0)
            return net::problem(400, "a field is empty", fmt::format("{}collection: leave it out", where),
                                where + "collection");
        text[i] = value.value_or("");
    }
    const auto ns = Namespace::parse(text[1]);
    if (ns.has_error()) return net::problem(400, "no namespace", ns.error().context, where + "namespace");
    const auto id = DocId::parse(text[2]);
    if (id.has_error()) return net::problem(400, "no id", id.error().context, where + "id");
    bool any = false;
    for (const auto& r : routes) {
        if (r.from != text[1] || (!text[0].empty() && r.to != text[0])) continue;
        any = true;
        ReceiptKey key{CollectionName(r.to), {ns.value(), id.value()}};
        if (std::find(out.keys.begin(), out.keys.end(), key) == out.keys.end())
            out.keys.push_back(std::move(key));
    }
    if (any) return std::nullopt;
    const bool known = leads(routes, text[1], "");
    return net::problem(404, "no such route",
                        known ? fmt::format("no route leads from {} to {}", text[1], text[0])
                              : fmt::format("no route leads from {}", text[1]),
                        where + (known ? "collection" : "namespace"));
}

std::variant<RetryBody, Wrong> read_retry(const json::object& o, const Edges& routes) {
    RetryBody out;
    if (auto wrong = unknown_field(o, {"documents", "status", "collection", "force", "reset"}))
        return std::move(*wrong);
    if (auto wrong = read_flag(o, "force", out.how.force)) return std::move(*wrong);
    if (auto wrong = read_flag(o, "reset", out.how.reset)) return std::move(*wrong);
    const auto* documents = o.if_contains("documents");
    const auto* status = o.if_contains("status");
    if ((documents != nullptr) == (status != nullptr))
        return net::problem(400, "which documents", "either documents or status must be there", "documents");
    if (status) {
        out.status = status->is_string() ? parse_status(std::string_view(status->as_string())) : std::nullopt;
        if (out.status != SyncStatus::failed && out.status != SyncStatus::pending)
            return net::problem(400, "wrong status",
                                "status must be \"failed\" or \"pending\": the others need no retry",
                                "status");
        if (auto wrong = read_collection(o, routes, out.collection)) return std::move(*wrong);
        return out;
    }
    if (o.contains("collection"))
        return net::problem(400, "unknown field", "with documents, each of them names its collection",
                            "collection");
    if (!documents->is_array() || documents->as_array().empty() ||
        documents->as_array().size() > most_documents)
        return net::problem(400, "wrong number of documents",
                            fmt::format("documents must be a list of 1 to {}", most_documents), "documents");
    std::size_t at = 0;
    for (const auto& row : documents->as_array())
        if (auto wrong = add_keys(row, at++, routes, out)) return std::move(*wrong);
    return out;
}

Task<net::ServerReply> retry(Sidecar* sidecar, net::ServerRequest request) {
    auto body = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&body)) co_return std::move(*wrong);
    const auto routes = sidecar->status.overview().routes;
    auto read = read_retry(std::get<json::object>(body), routes);
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    auto& wanted = std::get<RetryBody>(read);
    if (wanted.status) {
        auto keys = co_await keys_with(&sidecar->state, routes, wanted.collection, *wanted.status);
        if (keys.has_error()) co_return answer(keys.error());
        wanted.keys = std::move(keys.value());
    } else if (!wanted.how.force) {
        // A document of which nothing is stored in any collection is unknown, unless somebody insists.
        const auto known = co_await known_of(&sidecar->state, wanted.keys);
        if (known.has_error()) co_return answer(known.error());
        for (const auto& key : wanted.keys)
            if (!known.value().contains(key.document))
                co_return net::problem(
                    404, "unknown document",
                    fmt::format("nothing is known of {} of {}: `halcyon explain` says why; with force it is "
                                "read from MongoDB all the same",
                                key.document.id.display(), key.document.ns.text()),
                    "id");
    }
    const auto count = wanted.keys.size();
    auto done = co_await retry_all(&sidecar->documents, std::move(wanted.keys), wanted.how);
    if (done.has_error()) co_return answer(done.error());
    co_return reply_of({{"retried", count}});
}

Task<net::ServerReply> explain(Sidecar* sidecar, net::ServerRequest request) {
    std::string asked[2];
    const char* names[]{"namespace", "id"};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto value = request.query_value(names[i]);
        if (!value)
            co_return net::problem(400, "a parameter is missing",
                                   fmt::format("{} says which document", names[i]), names[i]);
        asked[i] = *value;
    }
    const auto ns = Namespace::parse(asked[0]);
    if (ns.has_error()) co_return net::problem(400, "no namespace", ns.error().context, "namespace");
    const auto id = DocId::parse(asked[1]);
    if (id.has_error()) co_return net::problem(400, "no id", id.error().context, "id");
    const auto story = co_await sidecar->status.explain({ns.value(), id.value()});
    co_return net::ServerReply{.status = 200, .body = api::story_json(story)};
}

net::ServerReply run_worker(Sidecar& sidecar, const net::ServerRequest& request) {
    auto read = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&read)) return std::move(*wrong);
    const auto& body = std::get<json::object>(read);
    if (auto wrong = unknown_field(body, {"collection"})) return std::move(*wrong);
    const auto overview = sidecar.status.overview();
    std::optional<CollectionName> collection;
    if (auto wrong = read_collection(body, overview.routes, collection)) return std::move(*wrong);
    sidecar.documents.run_retries(collection);
    return reply_of({{"collections", collection ? 1 : overview.collections.size()}});
}

}  // namespace

Routes document_routes(Sidecar& sidecar) {
    auto* s = &sidecar;
    return {
        {"GET",
         "/v1/documents",
         Role::viewer,
         [s](net::ServerRequest r) { return list(s, std::move(r)); },
         {"status", "collection", "namespace", "limit", "from"}},
        {"POST", "/v1/documents/retry", Role::operator_,
         [s](net::ServerRequest r) { return retry(s, std::move(r)); }},
        {"GET",
         "/v1/explain",
         Role::viewer,
         [s](net::ServerRequest r) { return explain(s, std::move(r)); },
         {"namespace", "id"}},
        {"POST", "/v1/worker/run", Role::operator_,
         [s](net::ServerRequest r) { return ready(run_worker(*s, r)); }},
    };
}

}  // namespace halcyon::admin
