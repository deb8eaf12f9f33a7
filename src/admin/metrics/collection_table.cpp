// What is measured of each collection.
#include "admin/metrics/table.hpp"

namespace halcyon::admin {
namespace {

using enum MetricType;

template <auto Member>
void of_collection(const Scrape& s, Samples& out) {
    for (const auto& c : s.snapshot.overview.collections)
        out.push_back({{c.name}, static_cast<double>(c.*Member)});
}
template <auto Member>
void of_stats(const Scrape& s, Samples& out) {
    for (const auto& c : s.snapshot.overview.collections)
        out.push_back({{c.name}, static_cast<double>(c.stats.*Member)});
}
template <auto Member>
void of_counts(const Scrape& s, Samples& out) {
    for (const auto& c : s.snapshot.overview.collections)
        out.push_back({{c.name}, static_cast<double>(api::counts_of(s.snapshot.counts, c.name).*Member)});
}

void by_status(const Scrape& s, Samples& out) {
    for (const auto& c : s.snapshot.overview.collections) {
        const auto counts = api::counts_of(s.snapshot.counts, c.name);
        for (const auto status : all_statuses)
            out.push_back({{c.name, std::string(to_string(status))}, static_cast<double>(counts.of(status))});
    }
}

void lanes(const Scrape& s, Samples& out) {
    for (const auto& c : s.snapshot.overview.collections) {
        out.push_back({{c.name, "planning"}, static_cast<double>(c.flow.planning)});
        out.push_back({{c.name, "embedding"}, static_cast<double>(c.flow.embedding)});
        out.push_back({{c.name, "to_write"}, static_cast<double>(c.flow.to_write)});
        out.push_back({{c.name, "in_doubt"}, static_cast<double>(c.flow.in_doubt)});
    }
}

void pauses(const Scrape& s, Samples& out) {
    for (const auto& c : s.snapshot.overview.collections) {
        out.push_back({{c.name, "operator"}, c.paused_by_operator ? 1. : 0.});
        out.push_back({{c.name, "trouble"}, c.paused && !c.paused_by_operator ? 1. : 0.});
    }
}

}  // namespace

std::vector<Metric> stored_metrics() {
    const std::vector<std::string_view> collection{"collection"};
    return {
        {"halcyon_collection_info",
         gauge,
         {"collection", "embedder"},
         "Always 1; the embedder of the collection is the label.",
         [](const Scrape& s, Samples& out) {
             for (const auto& c : s.snapshot.overview.collections) out.push_back({{c.name, c.embedder}, 1});
         }},
        {"halcyon_documents",
         gauge,
         {"collection", "status"},
         "Documents by how they stand: synced, pending, stale or failed.",
         by_status},
        {"halcyon_receipts", gauge, collection, "Documents that the collection was confirmed to hold.",
         of_counts<&CollectionCounts::receipts>},
        {"halcyon_tombstones", gauge, collection, "Deletes that are remembered.",
         of_counts<&CollectionCounts::tombstones>},
        {"halcyon_owed_documents", gauge, collection, "Documents that must still be brought up to date.",
         of_counts<&CollectionCounts::owed>},
        {"halcyon_dead_letters", gauge, collection, "Documents that were given up until somebody acts.",
         of_counts<&CollectionCounts::dead>},
        {"halcyon_dead_letters_near_bound", gauge, collection,
         "1 from four fifths of dead_letters.max on; at the bound the collection pauses.",
         of_collection<&CollectionStatus::many_letters>},
    };
}

std::vector<Metric> lane_metrics() {
    const std::vector<std::string_view> collection{"collection"};
    return {
        {"halcyon_collection_paused",
         gauge,
         {"collection", "by"},
         "1 while nothing is written: by an operator, or by a trouble (Qdrant, embedder, another writer).",
         pauses},
        {"halcyon_lane_documents",
         gauge,
         {"collection", "stage"},
         "Documents that wait to be planned, for vectors, to be written, or to be asked for, since their "
         "last "
         "write's fate is unknown: planning, embedding, to_write, in_doubt.",
         lanes},
        {"halcyon_lane_requests", gauge, collection, "Requests to Qdrant that are on the wire.",
         [](const Scrape& s, Samples& out) {
             for (const auto& c : s.snapshot.overview.collections)
                 out.push_back({{c.name}, static_cast<double>(c.flow.requests)});
         }},
        {"halcyon_lane_in_flight", gauge, collection, "Documents that are in work.",
         of_collection<&CollectionStatus::in_flight>},
        {"halcyon_lane_waiting", gauge, collection, "Documents that wait to be worked on.",
         of_collection<&CollectionStatus::waiting>},
    };
}

std::vector<Metric> work_metrics() {
    const std::vector<std::string_view> collection{"collection"};
    return {
        {"halcyon_chunks_embedded_total", counter, collection, "Chunks that got a vector.",
         of_stats<&CollectionStats::embedded>},
        {"halcyon_points_upserted_total", counter, collection, "Points written.",
         of_stats<&CollectionStats::upserted>},
        {"halcyon_points_payload_written_total", counter, collection,
         "Points of which only the payload was written.", of_stats<&CollectionStats::payloads>},
        {"halcyon_points_removed_total", counter, collection, "Points asked to be removed.",
         of_stats<&CollectionStats::removed>},
        {"halcyon_documents_confirmed_total", counter, collection, "Documents that Qdrant confirmed.",
         of_stats<&CollectionStats::confirmed>},
        {"halcyon_documents_skipped_total", counter, collection,
         "Documents that were held already: compared, nothing written.", of_stats<&CollectionStats::skipped>},
        {"halcyon_documents_superseded_total", counter, collection,
         "Works that newer changes of the same document made needless.",
         of_stats<&CollectionStats::superseded>},
        {"halcyon_owed_notes_total", counter, collection, "Notes of documents to be read again later.",
         of_stats<&CollectionStats::owed>},
        {"halcyon_failed_attempts_total", counter, collection,
         "Attempts that failed by the document's own fault, and are repeated.",
         of_stats<&CollectionStats::failed>},
        {"halcyon_dead_letters_written_total", counter, collection, "Documents that were given up.",
         of_stats<&CollectionStats::dead>},
        {"halcyon_doubts_total", counter, collection, "Writes whose fate was unknown, and was read back.",
         of_stats<&CollectionStats::doubts>},
    };
}

}  // namespace halcyon::admin
