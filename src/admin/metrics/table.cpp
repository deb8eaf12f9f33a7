// The sidecar as a whole, its stream, its routes, and what stands beside the flow.
#include "admin/metrics/table.hpp"

#include <algorithm>
#include <array>

namespace halcyon::admin {
namespace {

using enum MetricType;

void one(Samples& out, double value) { out.push_back({{}, value}); }
double flag(bool on) { return on ? 1 : 0; }
double seconds(std::chrono::milliseconds d) { return std::chrono::duration<double>(d).count(); }

/// All that there may be stand there with 0, so that a rule on one of them has something to read.
constexpr std::array codes{"starting", "stopping",    "stream_closed",     "position_stuck",
                           "lag",      "history_low", "state_failing",     "dead_letters",
                           "paused",   "held",        "paused_by_operator"};

void reasons(const Scrape& s, Samples& out) {
    std::vector<std::pair<std::string, double>> counts;
    for (const auto* code : codes) counts.emplace_back(code, 0);
    for (const auto& r : s.snapshot.reasons) {
        auto at =
            std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == r.code; });
        if (at == counts.end()) at = counts.insert(counts.end(), {r.code, 0});
        ++at->second;
    }
    for (auto& [code, count] : counts) out.push_back({{code}, count});
}

template <auto Member>
void of_overview(const Scrape& s, Samples& out) {
    one(out, static_cast<double>(s.snapshot.overview.*Member));
}
template <auto Member>
void of_cache(const Scrape& s, Samples& out) {
    if (const auto& c = s.snapshot.overview.vector_cache) one(out, static_cast<double>((*c).*Member));
}
template <auto Member>
void of_writeback(const Scrape& s, Samples& out) {
    if (const auto& w = s.snapshot.overview.status_writeback) one(out, static_cast<double>((*w).*Member));
}
template <auto Member>
void of_route(const Scrape& s, Samples& out) {
    for (const auto& r : s.snapshot.overview.routes)
        out.push_back({{r.from, r.to}, static_cast<double>(r.*Member)});
}
template <auto Member>
void of_process(const Scrape& s, Samples& out) {
    if (s.process) one(out, static_cast<double>((*s.process).*Member));
}

void phases(const Scrape& s, Samples& out) {
    for (const auto& r : s.snapshot.overview.routes)
        for (const auto* phase : {"waiting", "scanning", "sweeping", "held", "done"})
            out.push_back({{r.from, r.to, phase}, flag(r.phase == phase)});
}

void job_states(const Scrape& s, Samples& out) {
    using enum JobState;
    for (const auto state : {running, paused, done, cancelled, failed}) {
        const auto count =
            std::count_if(s.jobs.begin(), s.jobs.end(), [&](const Job& j) { return j.state == state; });
        out.push_back({{std::string(to_string(state))}, static_cast<double>(count)});
    }
}

}  // namespace

std::vector<Metric> sidecar_metrics() {
    return {
        {"halcyon_build_info",
         gauge,
         {"version"},
         "Always 1; the version is the label.",
         [](const Scrape& s, Samples& out) { out.push_back({{s.snapshot.version}, 1}); }},
        {"halcyon_ready",
         gauge,
         {},
         "1 as /readyz answers 200.",
         [](const Scrape& s, Samples& out) { one(out, flag(s.snapshot.ready)); }},
        {"halcyon_readiness_reasons",
         gauge,
         {"code"},
         "How many reasons of this code hold now. paused_by_operator tells something and leaves it ready.",
         reasons},
        {"halcyon_in_sync",
         gauge,
         {},
         "1 when every route was compared once, nothing is under way and nothing waits.",
         of_overview<&Overview::in_sync>},
        {"halcyon_stopping",
         gauge,
         {},
         "1 while it is being stopped in order.",
         of_overview<&Overview::stopping>},
        {"halcyon_guards_held",
         gauge,
         {},
         "Questions of guards that wait for an answer.",
         [](const Scrape& s, Samples& out) {
             one(out, static_cast<double>(s.snapshot.overview.held.size()));
         }},
        {"halcyon_jobs", gauge, {"state"}, "Jobs that are kept, by state.", job_states},
        {"halcyon_memory_limit_bytes",
         gauge,
         {},
         "The setting memory. Absent: there is none.",
         [](const Scrape& s, Samples& out) {
             if (s.snapshot.limit_bytes > 0) one(out, static_cast<double>(s.snapshot.limit_bytes));
         }},
    };
}

std::vector<Metric> stream_metrics() {
    return {
        {"halcyon_streaming",
         gauge,
         {},
         "1 while the change stream is open.",
         of_overview<&Overview::streaming>},
        {"halcyon_lag_seconds",
         gauge,
         {},
         "How far the position is behind MongoDB. Absent: not known.",
         [](const Scrape& s, Samples& out) {
             if (const auto& lag = s.snapshot.overview.lag) one(out, seconds(*lag));
         }},
        {"halcyon_history_left_seconds",
         gauge,
         {},
         "How long MongoDB's oplog will keep what lies behind the position, if it stays where it is. Absent: "
         "not known.",
         [](const Scrape& s, Samples& out) {
             if (const auto& left = s.snapshot.overview.history.left) one(out, seconds(*left));
         }},
        {"halcyon_history_low",
         gauge,
         {},
         "1 when the oplog is full and less than mongodb.history_warning is left.",
         [](const Scrape& s, Samples& out) { one(out, flag(s.snapshot.overview.history.low)); }},
        {"halcyon_position_moved_timestamp_seconds",
         gauge,
         {},
         "When everything behind the position was last settled further, or found settled. Absent: not yet.",
         [](const Scrape& s, Samples& out) {
             if (const auto& at = s.snapshot.overview.position_moved)
                 one(out, seconds(std::chrono::milliseconds(at->ms)));
         }},
        {"halcyon_changes_under_way",
         gauge,
         {},
         "Changes that were read and are not settled.",
         of_overview<&Overview::under_way>},
        {"halcyon_epoch",
         gauge,
         {},
         "Grows when MongoDB turned out to be another, or one with an earlier time.",
         of_overview<&Overview::epoch>},
        {"halcyon_events_total",
         counter,
         {},
         "Changes read from the stream.",
         of_overview<&Overview::events>},
        {"halcyon_heartbeats_total",
         counter,
         {},
         "Positions read from the stream that name no change.",
         of_overview<&Overview::heartbeats>},
        {"halcyon_stream_reopened_total",
         counter,
         {},
         "How often the change stream was opened again.",
         of_overview<&Overview::reopened>},
        {"halcyon_rescans_total",
         counter,
         {},
         "How often everything had to be compared again, since the position was lost.",
         of_overview<&Overview::rescans>},
        {"halcyon_commits_total",
         counter,
         {},
         "Batches that the state took.",
         of_overview<&Overview::commits>},
    };
}

std::vector<Metric> route_metrics() {
    return {
        {"halcyon_scan_phase",
         gauge,
         {"namespace", "collection", "phase"},
         "1 at the phase that the comparison of the route is in: waiting, scanning, sweeping, held or done.",
         phases},
        {"halcyon_scan_documents",
         gauge,
         {"namespace", "collection"},
         "Documents that this comparison has read.",
         of_route<&RouteStatus::scanned>},
        {"halcyon_scan_documents_estimate",
         gauge,
         {"namespace", "collection"},
         "About how many there are to read; 0 until that was asked.",
         of_route<&RouteStatus::estimate>},
    };
}

std::vector<Metric> beside_metrics() {
    return {
        {"halcyon_embedding_requests_total",
         counter,
         {},
         "Requests to embedders.",
         of_overview<&Overview::embedding_requests>},
        {"halcyon_embedding_texts_total",
         counter,
         {},
         "Texts sent to embedders.",
         of_overview<&Overview::embedded_texts>},
        {"halcyon_vector_cache_hits_total",
         counter,
         {},
         "Texts that were not embedded, since their vector was kept. Absent: no vectors are kept.",
         of_cache<&CachedVectors::hits>},
        {"halcyon_vector_cache_misses_total",
         counter,
         {},
         "Texts whose vector was not kept.",
         of_cache<&CachedVectors::misses>},
        {"halcyon_vector_cache_bytes",
         gauge,
         {},
         "Room that kept vectors take on the disk.",
         of_cache<&CachedVectors::bytes>},
        {"halcyon_status_writeback_written_total",
         counter,
         {},
         "Documents whose status was written to MongoDB. Absent: status_writeback is off.",
         of_writeback<&WritebackFigures::written>},
        {"halcyon_status_writeback_dropped_total",
         counter,
         {},
         "Documents whose status was not written, since there was no room to remember them.",
         of_writeback<&WritebackFigures::dropped>},
        {"halcyon_status_writeback_refused_total",
         counter,
         {},
         "Documents whose status MongoDB refused.",
         of_writeback<&WritebackFigures::refused>},
        {"halcyon_status_writeback_waiting",
         gauge,
         {},
         "Documents whose status waits to be written.",
         of_writeback<&WritebackFigures::waiting>},
        {"halcyon_status_writeback_blocked",
         gauge,
         {},
         "1 while it waits for a trouble to end.",
         [](const Scrape& s, Samples& out) {
             if (const auto& w = s.snapshot.overview.status_writeback) one(out, flag(!w->trouble.empty()));
         }},
    };
}

std::vector<Metric> time_metrics() {
    return {
        {"halcyon_stage_duration_seconds",
         histogram,
         {"stage"},
         "How long a stage takes. plan: a batch of documents looked up, rendered and compared; embed: a "
         "request to an embedder; write: a request to Qdrant; commit: a batch of the state.",
         [](const Scrape& s, Samples& out) {
             const auto& t = s.snapshot.overview.times;
             out.push_back({{"plan"}, 0, &t.plan});
             out.push_back({{"embed"}, 0, &t.embed});
             out.push_back({{"write"}, 0, &t.write});
             out.push_back({{"commit"}, 0, &t.commit});
         }},
        {"halcyon_change_confirm_seconds",
         histogram,
         {},
         "A change, from its arrival to Qdrant's confirmation.",
         [](const Scrape& s, Samples& out) { out.push_back({{}, 0, &s.snapshot.overview.times.confirm}); }},
        {"halcyon_change_end_to_end_seconds",
         histogram,
         {},
         "A change, from MongoDB's commit to Qdrant's confirmation. MongoDB tells whole seconds only: up to "
         "one of them is not real.",
         [](const Scrape& s, Samples& out) {
             out.push_back({{}, 0, &s.snapshot.overview.times.end_to_end});
         }},
    };
}

std::vector<Metric> process_metrics() {
    return {
        {"process_cpu_seconds_total",
         counter,
         {},
         "User and system time of the process.",
         of_process<&ProcessFigures::cpu_seconds>},
        {"process_resident_memory_bytes",
         gauge,
         {},
         "Resident memory of the process.",
         of_process<&ProcessFigures::resident_bytes>},
        {"process_virtual_memory_bytes",
         gauge,
         {},
         "Virtual memory of the process.",
         of_process<&ProcessFigures::virtual_bytes>},
        {"process_start_time_seconds",
         gauge,
         {},
         "When the process began, since 1970 UTC.",
         of_process<&ProcessFigures::start_seconds>},
        {"process_open_fds", gauge, {}, "Open file descriptors.", of_process<&ProcessFigures::open_fds>},
        {"process_max_fds",
         gauge,
         {},
         "Most that may be open. Absent: no limit.",
         [](const Scrape& s, Samples& out) {
             if (s.process && s.process->max_fds > 0) one(out, static_cast<double>(s.process->max_fds));
         }},
    };
}

const std::vector<MetricSection>& metric_sections() {
    static const std::vector<MetricSection> all{
        {"The sidecar", sidecar_metrics()},
        {"The change stream", stream_metrics()},
        {"Routes", route_metrics()},
        {"What is stored", stored_metrics()},
        {"Where documents are", lane_metrics()},
        {"Work done", work_metrics()},
        {"Embedders, kept vectors, status in MongoDB", beside_metrics()},
        {"Where the time goes", time_metrics()},
        {"The process", process_metrics()},
    };
    return all;
}

}  // namespace halcyon::admin
