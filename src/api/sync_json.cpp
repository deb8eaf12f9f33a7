#include "api/sync_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "api/document_json.hpp"
#include "api/overview_json.hpp"

namespace halcyon::api {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

/// The last cycles of all collections, as one.
json::object worker_json(const Overview& o) {
    RetryCycle all;
    for (const auto& c : o.collections) {
        const auto& r = c.retries;
        all.under_way = all.under_way || r.under_way;
        all.began = std::max(all.began, r.began);
        all.took = std::max(all.took, r.took);
        all.tried += r.tried;
        all.good += r.good;
        all.failed += r.failed;
    }
    json::object out{{"running", o.retries_enabled && !o.stopping},
                     {"processing", all.under_way},
                     {"lastRunAt", when(all.began)},
                     {"lastCycleStats", nullptr}};
    if (all.began.ms > 0)
        out["lastCycleStats"] =
            json::object{{"processed", all.tried},
                         {"successful", all.good},
                         {"failed", all.failed},
                         {"skipped", all.tried - std::min(all.tried, all.good + all.failed)},
                         {"duration", all.took.count()}};
    return out;
}

json::object entry_json(const StatusEntry& e) {
    return {{"status", to_string(e.status)},
            {"lastSyncedAt", when(e.last_synced)},
            {"lastSyncAttemptAt", when(e.last_attempt)},
            {"lastError", text_or_null(e.last_error)},
            {"errorCode", text_or_null(to_string(e.code))},
            {"retryCount", e.retries},
            {"contentHash", text_or_null(e.content_hash)},
            {"vectorVersion", e.vector_version}};
}

}  // namespace

json::object sync_status_json(const Overview& overview, const std::vector<CollectionCounts>& counts) {
    std::array<std::uint64_t, status_count> sums{};
    json::object each;
    for (const auto& c : overview.collections) {
        const auto stored = counts_of(counts, c.name);
        json::object row;
        for (const auto s : all_statuses) {
            row[to_string(s)] = stored.of(s);
            sums.at(static_cast<std::size_t>(s)) += stored.of(s);
        }
        each[c.name] = std::move(row);
    }
    json::object out{{"total", sums[0] + sums[1] + sums[2] + sums[3]}};
    for (const auto s : all_statuses) out[to_string(s)] = sums.at(static_cast<std::size_t>(s));
    out["perCollection"] = std::move(each);
    out["worker"] = worker_json(overview);
    return out;
}

json::object sync_document_json(const StatusRow& row) {
    const auto overall = row.overall();
    json::object collections;
    for (const auto& [name, entry] : row.collections)
        if (entry) collections[name.value()] = entry_json(*entry);
    return {{"id", row.key.id.json()},
            {"namespace", row.key.ns.text()},
            {"syncMetadata", json::object{{"overallStatus",
                                           overall ? json::value(to_string(*overall)) : json::value(nullptr)},
                                          {"collections", std::move(collections)}}}};
}

}  // namespace halcyon::api
