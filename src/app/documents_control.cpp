#include "app/documents_control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <set>
#include <variant>

#include "app/document_json.hpp"

namespace halcyon::app {
namespace {

namespace json = boost::json;

constexpr std::size_t default_page = 100;
constexpr std::size_t most_documents = 1000;

Task<net::ServerReply> list(StateReader* state, net::ServerRequest request) {
    const auto limit = page_limit(request);
    if (!limit) co_return wrong_limit();
    std::string field;
    const auto filter = document_filter(
        {request.query_value("status").value_or(""), request.query_value("collection").value_or(""),
         request.query_value("namespace").value_or("")},
        &field);
    if (filter.has_error())
        co_return net::problem(400, "no such list of documents", filter.error().context, field);
    auto page = co_await state->documents(filter.value(), request.query_value("from"), *limit);
    if (page.has_error()) co_return answer(page.error());
    co_return net::ServerReply{.status = 200, .body = documents_json(page.value())};
}

/// A wrong request; what is said of it.
using Wrong = net::ServerReply;

std::optional<Wrong> unknown_field(const json::object& o, std::initializer_list<std::string_view> known,
                                   std::string_view where = "") {
    for (const auto& [name, value] : o)
        if (std::find(known.begin(), known.end(), std::string_view(name)) == known.end())
            return net::problem(
                400, "unknown field",
                fmt::format("{}{} is none of {}", where, std::string_view(name), fmt::join(known, ", ")),
                fmt::format("{}{}", where, std::string_view(name)));
    return std::nullopt;
}

struct RetryBody {
    std::vector<ReceiptKey> keys;  // in the order in which they were named
    bool failed = false;           // all that have failed instead
    std::optional<CollectionName> collection;
    pipeline::RetryRequest how;
};

using Routes = std::vector<pipeline::RouteStatus>;

bool leads(const Routes& routes, std::string_view ns, std::string_view collection) {
    return std::any_of(routes.begin(), routes.end(), [&](const auto& r) {
        return (ns.empty() || r.from == ns) && (collection.empty() || r.to == collection);
    });
}

/// The text of a field; nothing where there is none.
std::variant<std::optional<std::string>, Wrong> text_of(const json::object& o, std::string_view name,
                                                        std::string_view where = "") {
    const auto* v = o.if_contains(name);
    if (!v) return std::optional<std::string>();
    if (v->is_string()) return std::optional(std::string(v->as_string()));
    return net::problem(400, "wrong type", fmt::format("{}{} must be a text", where, name),
                        fmt::format("{}{}", where, name));
}

/// One of "documents" becomes a key for each collection that it is meant in.
std::optional<Wrong> add_keys(const json::value& row, std::size_t at, const Routes& routes, RetryBody& out) {
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

std::optional<Wrong> read_flag(const json::object& o, std::string_view name, bool& out) {
    const auto* v = o.if_contains(name);
    if (!v) return std::nullopt;
    if (!v->is_bool())
        return net::problem(400, "wrong type", fmt::format("{} must be true or false", name), name);
    out = v->as_bool();
    return std::nullopt;
}

std::optional<Wrong> read_collection(const json::object& o, const Routes& routes,
                                     std::optional<CollectionName>& out) {
    auto got = text_of(o, "collection");
    if (auto* wrong = std::get_if<Wrong>(&got)) return std::move(*wrong);
    const auto& name = std::get<std::optional<std::string>>(got);
    if (!name) return std::nullopt;
    if (!leads(routes, "", *name))
        return net::problem(404, "no such collection", fmt::format("no route leads to {}", *name),
                            "collection");
    out = CollectionName(*name);
    return std::nullopt;
}

std::variant<RetryBody, Wrong> read_retry(const json::object& o, const Routes& routes) {
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
        if (!status->is_string() || status->as_string() != "failed")
            return net::problem(400, "wrong status", "status must be \"failed\": the others need no retry",
                                "status");
        out.failed = true;
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

Task<Result<std::vector<ReceiptKey>>> failed_keys(StateReader* state,
                                                  std::optional<CollectionName> collection) {
    std::vector<ReceiptKey> keys;
    std::optional<std::string> from;
    do {
        HALCYON_CO_TRY(auto page,
                       co_await state->documents({collection, {}, SyncStatus::failed}, from, largest_page));
        for (auto& [key, stored] : page.rows) keys.push_back(std::move(key));
        from = page.next;
    } while (from);
    co_return keys;
}

/// A document of which nothing is stored in any collection is unknown, unless somebody insists.
Task<Result<std::optional<DocumentKey>>> unknown(StateReader* state, std::vector<ReceiptKey> keys) {
    HALCYON_CO_TRY(const auto stored, co_await state->stored(keys));
    std::set<DocumentKey> known;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (stored[i] != Stored{}) known.insert(keys[i].document);
    for (const auto& key : keys)
        if (!known.contains(key.document)) co_return std::optional(key.document);
    co_return std::optional<DocumentKey>();
}

Task<net::ServerReply> retry(pipeline::Pipeline* pipeline, StateReader* state, net::ServerRequest request) {
    boost::system::error_code ec;
    const auto body = json::parse(request.body, ec);
    if (ec || !body.is_object()) co_return net::problem(400, "the body is no JSON object", ec.message());
    const auto routes = pipeline->status().routes;
    auto read = read_retry(body.as_object(), routes);
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    auto& wanted = std::get<RetryBody>(read);
    if (wanted.failed) {
        auto keys = co_await failed_keys(state, wanted.collection);
        if (keys.has_error()) co_return answer(keys.error());
        // What is stored of routes that are gone cannot be tried again.
        for (auto& key : keys.value())
            if (leads(routes, key.document.ns.text(), key.collection.value()))
                wanted.keys.push_back(std::move(key));
    } else if (!wanted.how.force) {
        const auto nobody = co_await unknown(state, wanted.keys);
        if (nobody.has_error()) co_return answer(nobody.error());
        if (nobody.value())
            co_return net::problem(
                404, "unknown document",
                fmt::format("nothing is known of {} of {}: `halcyon explain` says why; with force it is "
                            "read from MongoDB all the same",
                            nobody.value()->id.display(), nobody.value()->ns.text()),
                "id");
    }
    for (std::size_t at = 0; at < wanted.keys.size(); at += most_documents) {
        const auto end = std::min(at + most_documents, wanted.keys.size());
        const auto first = wanted.keys.begin();
        auto outcome = co_await pipeline->retry(
            {first + static_cast<std::ptrdiff_t>(at), first + static_cast<std::ptrdiff_t>(end)}, wanted.how);
        if (outcome.has_error()) co_return answer(outcome.error());
    }
    co_return net::ServerReply{.status = 200,
                               .body = json::serialize(json::object{{"retried", wanted.keys.size()}})};
}

Task<net::ServerReply> explain(pipeline::Pipeline* pipeline, net::ServerRequest request) {
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
    const auto facts = co_await pipeline->explain({ns.value(), id.value()});
    co_return net::ServerReply{.status = 200, .body = explain_json(facts)};
}

net::ServerReply run_worker(pipeline::Pipeline& pipeline, const net::ServerRequest& request) {
    boost::system::error_code ec;
    const auto body = request.body.empty() ? json::value(json::object{}) : json::parse(request.body, ec);
    if (ec || !body.is_object()) return net::problem(400, "the body is no JSON object", ec.message());
    if (auto wrong = unknown_field(body.as_object(), {"collection"})) return std::move(*wrong);
    const auto status = pipeline.status();
    std::optional<CollectionName> collection;
    if (auto wrong = read_collection(body.as_object(), status.routes, collection)) return std::move(*wrong);
    pipeline.run_retries(collection);
    return {
        .status = 200,
        .body = json::serialize(json::object{{"collections", collection ? 1 : status.collections.size()}})};
}

Task<net::ServerReply> ready(net::ServerReply reply) { co_return reply; }

}  // namespace

Result<DocumentFilter> document_filter(const DocumentQuery& query, std::string* field) {
    DocumentFilter filter;
    if (!query.status.empty()) {
        filter.status = parse_status(query.status);
        *field = "status";
        if (!filter.status)
            return fail(Verdict::reject, Cause::invalid,
                        fmt::format("{} is none of synced, pending, stale, failed", query.status));
    }
    if (!query.ns.empty()) {
        *field = "namespace";
        HALCYON_TRY(filter.ns, Namespace::parse(query.ns));
    }
    if (!query.collection.empty()) filter.collection = CollectionName(query.collection);
    return filter;
}

std::string documents_json(const Page<Stored>& page) {
    json::array rows;
    for (const auto& [key, stored] : page.rows) rows.push_back(stored_json(key, stored));
    json::object out{{"documents", std::move(rows)}};
    if (page.next) out["next"] = *page.next;
    return json::serialize(out);
}

std::optional<std::size_t> page_limit(const net::ServerRequest& request) {
    std::size_t limit = default_page;
    if (const auto text = request.query_value("limit")) {
        const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), limit);
        if (ec != std::errc() || end != text->data() + text->size() || limit == 0 || limit > largest_page)
            return std::nullopt;
    }
    return limit;
}

net::ServerReply wrong_limit() {
    return net::problem(400, "limit is out of range", fmt::format("a number from 1 to {}", largest_page),
                        "limit");
}

net::ServerReply answer(const Error& e) {
    const unsigned status = e.cause == Cause::not_found ? 404 : e.verdict == Verdict::reject ? 400 : 503;
    return net::problem(status, std::string(to_string(e.cause)), e.context);
}

void add_document_routes(net::Router& router, pipeline::Pipeline& pipeline, StateReader& state) {
    auto* p = &pipeline;
    auto* s = &state;
    router.add("GET", "/v1/documents", [s](net::ServerRequest r) { return list(s, std::move(r)); });
    router.add("POST", "/v1/documents/retry",
               [p, s](net::ServerRequest r) { return retry(p, s, std::move(r)); });
    router.add("GET", "/v1/explain", [p](net::ServerRequest r) { return explain(p, std::move(r)); });
    router.add("POST", "/v1/worker/run", [p](net::ServerRequest r) { return ready(run_worker(*p, r)); });
}

}  // namespace halcyon::app
