// What earlier systems' clients look at.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "admin/compat/sync.hpp"
#include "api/document_json.hpp"
#include "api/sync_json.hpp"

namespace halcyon::admin::compat {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 100;
constexpr std::size_t default_page = 20;
/// A page is emulated by reading all rows before it, too.
constexpr std::size_t furthest = 10'000;

Task<net::ServerReply> status(Sidecar* sidecar) {
    auto counts = co_await sidecar->state.counts();
    if (counts.has_error()) co_return answer(counts.error());
    co_return reply_of(api::sync_status_json(sidecar->status.overview(), counts.value()));
}

std::uint64_t total(const std::vector<CollectionCounts>& counts, const DocumentFilter& filter) {
    std::uint64_t n = 0;
    for (const auto& c : counts) {
        if (filter.collection && c.collection != *filter.collection) continue;
        for (const auto s : all_statuses)
            if (!filter.status || s == *filter.status) n += c.of(s);
    }
    return n;
}

/// How each row's document stands in all collections that it goes to, and in the row's own.
Task<Result<std::vector<StatusRow>>> with_all_collections(StateReader* state, Edges routes,
                                                          std::vector<ReceiptKey> rows) {
    std::vector<ReceiptKey> keys;
    std::vector<std::size_t> ends;
    for (const auto& row : rows) {
        keys.push_back(row);
        for (auto& key : keys_of(row.document.id, routes, {}))
            if (key.document == row.document && key != row) keys.push_back(std::move(key));
        ends.push_back(keys.size());
    }
    HALCYON_CO_TRY(const auto stored, co_await state->stored(keys));
    std::vector<StatusRow> out;
    for (std::size_t i = 0, at = 0; i < rows.size(); ++i) {
        StatusRow row{rows[i].document, {}};
        for (; at < ends[i]; ++at) row.collections[keys[at].collection] = status_entry(stored[at]);
        out.push_back(std::move(row));
    }
    co_return out;
}

Task<net::ServerReply> list(Sidecar* sidecar, std::string noun, net::ServerRequest request) {
    const auto limit = number_of(request, "limit", default_page, largest_page);
    if (!limit) co_return wrong_limit(largest_page);
    if (auto wrong = empty_parameter(request, {"status", "collection"})) co_return std::move(*wrong);
    const auto page = number_of(request, "page", 1, furthest);
    if (!page || *page * *limit > furthest)
        co_return net::problem(
            400, "page is out of range",
            fmt::format(
                "a number from 1 to {}: page times limit is at most {}; GET /v1/documents has cursors",
                furthest / *limit, furthest),
            "page");
    std::string field;
    const auto filter = api::document_filter(
        {request.query_value("status").value_or(""), request.query_value("collection").value_or(""), ""},
        &field);
    if (filter.has_error())
        co_return net::problem(400, "no such list of documents", filter.error().context, field);
    auto counts = co_await sidecar->state.counts();
    if (counts.has_error()) co_return answer(counts.error());
    auto found = co_await sidecar->state.documents(filter.value(), std::nullopt, *page * *limit);
    if (found.has_error()) co_return answer(found.error());
    std::vector<ReceiptKey> keys;
    for (std::size_t i = (*page - 1) * *limit; i < found.value().rows.size(); ++i)
        keys.push_back(std::move(found.value().rows[i].first));
    auto rows =
        co_await with_all_collections(&sidecar->state, sidecar->status.overview().routes, std::move(keys));
    if (rows.has_error()) co_return answer(rows.error());
    json::array documents;
    for (const auto& row : rows.value()) documents.push_back(api::sync_document_json(row));
    const auto all = total(counts.value(), filter.value());
    co_return reply_of({{noun, std::move(documents)},
                        {"page", *page},
                        {"limit", *limit},
                        {"total", all},
                        {"totalPages", (std::min<std::uint64_t>(all, furthest) + *limit - 1) / *limit}});
}

}  // namespace

std::vector<ReceiptKey> keys_of(const DocId& id, const Edges& routes, const std::set<std::string>& only) {
    std::vector<ReceiptKey> keys;
    for (const auto& r : routes) {
        const auto ns = Namespace::parse(r.from);
        if (ns.has_value() && (only.empty() || only.contains(r.to)))
            keys.push_back({CollectionName(r.to), {ns.value(), id}});
    }
    return keys;
}

Routes sync_lists(Sidecar& sidecar) {
    auto* s = &sidecar;
    Routes out{{"GET", "/api/sync/status", Role::viewer, [s](net::ServerRequest) { return status(s); }}};
    for (const std::string noun : {"documents", "tools"})
        out.push_back({"GET",
                       "/api/sync/" + noun,
                       Role::viewer,
                       [s, noun](net::ServerRequest r) { return list(s, noun, std::move(r)); },
                       {"status", "collection", "page", "limit"}});
    return out;
}

}  // namespace halcyon::admin::compat
