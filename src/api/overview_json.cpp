#include "api/overview_json.hpp"

#include <boost/json.hpp>

#include "api/document_json.hpp"

namespace halcyon::api {
namespace {

namespace json = boost::json;

json::object history_json(const HistoryStatus& h) {
    return {{"left_s", h.left ? json::value(h.left->count()) : json::value(nullptr)},
            {"low", h.low},
            {"warning_s", h.warning.count()},
            {"unknown", h.left ? std::string() : h.unknown}};
}

}  // namespace

json::array changes_json(const std::vector<SettingsChange>& changes) {
    json::array out;
    for (const auto& c : changes) {
        json::object row{{"from", c.from},           {"to", c.to},
                         {"kind", c.kind},           {"parts", json::value_from(c.parts)},
                         {"documents", c.documents}, {"says", c.says}};
        if (c.tokens) row["tokens"] = *c.tokens;
        out.push_back(std::move(row));
    }
    return out;
}

json::object ready_json(bool ready, const std::vector<Reason>& reasons) {
    json::array rows;
    for (const auto& r : reasons) {
        json::object row{{"code", r.code}, {"says", r.says}, {"since", when(r.since)}};
        if (!r.collection.empty()) row["collection"] = r.collection;
        rows.push_back(std::move(row));
    }
    return {{"ready", ready}, {"reasons", std::move(rows)}};
}

json::object route_json(const RouteStatus& r) {
    return {
        {"from", r.from}, {"to", r.to}, {"phase", r.phase}, {"scanned", r.scanned}, {"estimate", r.estimate}};
}

CollectionCounts counts_of(const std::vector<CollectionCounts>& counts, std::string_view collection) {
    for (const auto& c : counts)
        if (c.collection.value() == collection) return c;
    return {};
}

json::object collection_json(const CollectionStatus& c, const std::vector<CollectionCounts>& counts) {
    json::object row{{"name", c.name},         {"paused", c.paused},
                     {"reason", c.reason},     {"paused_by_operator", c.paused_by_operator},
                     {"embedder", c.embedder}, {"in_flight", c.in_flight},
                     {"waiting", c.waiting}};
    row["flow"] = json::object{{"planning", c.flow.planning},
                               {"embedding", c.flow.embedding},
                               {"to_write", c.flow.to_write},
                               {"requests", c.flow.requests},
                               {"in_doubt", c.flow.in_doubt}};
    row["embedded"] = c.stats.embedded;
    row["upserted"] = c.stats.upserted;
    row["payloads"] = c.stats.payloads;
    row["removed"] = c.stats.removed;
    row["skipped"] = c.stats.skipped;
    row["superseded"] = c.stats.superseded;
    row["confirmed"] = c.stats.confirmed;
    row["failed_attempts"] = c.stats.failed;
    row["doubts"] = c.stats.doubts;
    const auto stored = counts_of(counts, c.name);
    row["documents"] = stored.receipts;
    row["tombstones"] = stored.tombstones;
    row["owed"] = stored.owed;
    row["dead_letters"] = stored.dead;
    for (const auto status : all_statuses) row[to_string(status)] = stored.of(status);
    return row;
}

json::object pipeline_json(const Snapshot& snapshot) {
    const auto& s = snapshot.overview;
    json::object out{
        {"version", snapshot.version},
        {"address", snapshot.address.empty() ? json::value(nullptr) : json::value(snapshot.address)},
        {"now", when(snapshot.now)},
        {"started", when(snapshot.started)},
        {"in_sync", s.in_sync},
        {"streaming", s.streaming},
        {"trouble", s.trouble},
        {"lag_ms", s.lag ? json::value(s.lag->count()) : json::value(nullptr)},
        {"history", history_json(s.history)},
        {"events", s.events},
        {"under_way", s.under_way},
        {"reopened", s.reopened},
        {"rescans", s.rescans},
        {"commits", s.commits},
        {"embedded_texts", s.embedded_texts},
        {"embedding_requests", s.embedding_requests},
        {"epoch", s.epoch},
        {"stopping", s.stopping}};
    if (snapshot.stopped) out["stopped"] = true;
    if (snapshot.limit_bytes > 0)
        out["memory"] =
            json::object{{"resident_bytes", snapshot.resident_bytes}, {"limit_bytes", snapshot.limit_bytes}};
    if (!snapshot.stopped) out["ready"] = ready_json(snapshot.ready, snapshot.reasons);
    if (s.vector_cache)
        out["vector_cache"] = json::object{{"hits", s.vector_cache->hits},
                                           {"misses", s.vector_cache->misses},
                                           {"bytes", s.vector_cache->bytes}};
    if (s.status_writeback)
        out["status_writeback"] = json::object{
            {"written", s.status_writeback->written}, {"waiting", s.status_writeback->waiting},
            {"dropped", s.status_writeback->dropped}, {"refused", s.status_writeback->refused},
            {"trouble", s.status_writeback->trouble}, {"catching_up", s.status_writeback->catching_up}};
    return out;
}

std::string overview_json(const Snapshot& snapshot) {
    const auto& s = snapshot.overview;
    auto out = pipeline_json(snapshot);
    json::array routes, collections, held;
    for (const auto& r : s.routes) routes.push_back(route_json(r));
    for (const auto& c : s.collections) collections.push_back(collection_json(c, snapshot.counts));
    for (const auto& [guard, question] : s.held)
        held.push_back(json::object{{"guard", guard}, {"question", question}});
    out["routes"] = std::move(routes);
    out["collections"] = std::move(collections);
    out["held"] = std::move(held);
    out["changes"] = changes_json(s.changes);
    return json::serialize(out);
}

}  // namespace halcyon::api
