// Metrics: what a scrape says of a snapshot, and that the reference is the table's.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "admin/metrics/text.hpp"

using namespace halcyon;
using admin::Scrape;

namespace {

Scrape busy() {
    Scrape scrape;
    auto& snapshot = scrape.snapshot;
    snapshot.version = "1.2.3";
    snapshot.ready = true;
    snapshot.limit_bytes = 1000;
    auto& o = snapshot.overview;
    o.streaming = true;
    o.lag = std::chrono::milliseconds(1500);
    o.history = {std::chrono::hours(1), "", true, std::chrono::hours(6)};
    o.events = 12;
    o.routes = {{"shop.products", "products", "scanning", 5, 10}};
    o.collections.emplace_back();
    auto& c = o.collections[0];
    c.name = "products";
    c.embedder = "default";
    c.stats.upserted = 7;
    c.flow.in_doubt = 3;
    o.times.write.record(std::chrono::milliseconds(2), 4);
    o.times.write.record(std::chrono::hours(1));
    snapshot.counts = {{CollectionName("products"), 9, 1, 2, 3, {4, 1, 2, 5}}};
    return scrape;
}

/// The value of one series; nothing: there is none.
std::optional<std::string> value(const std::string& text, const std::string& series) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(series + " ")) return line.substr(series.size() + 1);
    return std::nullopt;
}

}  // namespace

TEST_CASE("docs/metrics.md holds what the table makes; run halcyon-conf conf docs after a change of it") {
    std::ifstream file(HALCYON_SOURCE_DIR "/docs/metrics.md");
    std::ostringstream text;
    text << file.rdbuf();
    CHECK(text.str() == admin::metrics_reference());
}

TEST_CASE("a scrape shows a snapshot's figures in base units with their labels") {
    const auto text = admin::metrics_text(busy());
    CHECK(value(text, R"(halcyon_build_info{version="1.2.3"})") == "1");
    CHECK(value(text, "halcyon_lag_seconds") == "1.5");
    CHECK(value(text, "halcyon_history_left_seconds") == "3600");
    CHECK(value(text, "halcyon_history_low") == "1");
    CHECK(value(text, "halcyon_events_total") == "12");
    CHECK(value(text, R"(halcyon_points_upserted_total{collection="products"})") == "7");
    CHECK(value(text, R"(halcyon_documents{collection="products",status="failed"})") == "5");
    CHECK(value(text, R"(halcyon_dead_letters{collection="products"})") == "3");
    CHECK(value(text, R"(halcyon_lane_documents{collection="products",stage="in_doubt"})") == "3");
    const std::string route = R"(namespace="shop.products",collection="products")";
    CHECK(value(text, "halcyon_scan_documents{" + route + "}") == "5");
    CHECK(value(text, "halcyon_scan_phase{" + route + R"(,phase="scanning"})") == "1");
    CHECK(value(text, "halcyon_scan_phase{" + route + R"(,phase="done"})") == "0");
}

TEST_CASE("what is not known is absent, never 0") {
    auto scrape = busy();
    auto text = admin::metrics_text(scrape);
    CHECK_FALSE(value(text, "halcyon_vector_cache_hits_total"));
    CHECK_FALSE(value(text, "halcyon_status_writeback_blocked"));
    CHECK_FALSE(value(text, "process_open_fds"));
    scrape.snapshot.overview.lag.reset();
    scrape.snapshot.overview.history.left.reset();
    scrape.snapshot.limit_bytes = 0;
    scrape.snapshot.overview.status_writeback = WritebackFigures{5, 4, 3, 2, "away"};
    text = admin::metrics_text(scrape);
    CHECK(text.find("halcyon_lag_seconds") == std::string::npos);
    CHECK(text.find("halcyon_history_left_seconds") == std::string::npos);
    CHECK(text.find("halcyon_memory_limit_bytes") == std::string::npos);
    CHECK(value(text, "halcyon_status_writeback_blocked") == "1");
    CHECK(value(text, "halcyon_status_writeback_waiting") == "4");
}

TEST_CASE("histograms are cumulative, and their last bucket holds all") {
    const auto text = admin::metrics_text(busy());
    const auto bucket = [&](const std::string& le) {
        return value(text, R"(halcyon_stage_duration_seconds_bucket{stage="write",le=")" + le + R"("})");
    };
    CHECK(bucket("0.001") == "0");
    CHECK(bucket("0.0025") == "4");
    CHECK(bucket("600") == "4");
    CHECK(bucket("+Inf") == "5");
    CHECK(value(text, R"(halcyon_stage_duration_seconds_count{stage="write"})") == "5");
    CHECK(value(text, R"(halcyon_stage_duration_seconds_count{stage="plan"})") == "0");
    CHECK(value(text, "halcyon_change_confirm_seconds_count") == "0");
}

TEST_CASE("every reason has a series before it holds, and one that is new is shown too") {
    auto scrape = busy();
    scrape.snapshot.reasons = {{"paused", "a", "a", {}}, {"paused", "b", "b", {}}, {"flooded", "c", "", {}}};
    const auto text = admin::metrics_text(scrape);
    CHECK(value(text, R"(halcyon_readiness_reasons{code="paused"})") == "2");
    CHECK(value(text, R"(halcyon_readiness_reasons{code="lag"})") == "0");
    CHECK(value(text, R"(halcyon_readiness_reasons{code="flooded"})") == "1");
}

TEST_CASE("a pause says who made it") {
    auto scrape = busy();
    auto& c = scrape.snapshot.overview.collections[0];
    const std::string name = R"(halcyon_collection_paused{collection="products",by=)";
    c.paused = true;
    CHECK(value(admin::metrics_text(scrape), name + R"("trouble"})") == "1");
    c.paused_by_operator = true;
    CHECK(value(admin::metrics_text(scrape), name + R"("trouble"})") == "0");
    CHECK(value(admin::metrics_text(scrape), name + R"("operator"})") == "1");
}

TEST_CASE("jobs are counted by state, also those of which there are none") {
    auto scrape = busy();
    scrape.jobs.resize(3);
    scrape.jobs[1].state = JobState::done;
    const auto text = admin::metrics_text(scrape);
    CHECK(value(text, R"(halcyon_jobs{state="running"})") == "2");
    CHECK(value(text, R"(halcyon_jobs{state="done"})") == "1");
    CHECK(value(text, R"(halcyon_jobs{state="failed"})") == "0");
}

TEST_CASE("names and labels are Prometheus', and each stands there once") {
    std::set<std::string_view> names;
    for (const auto& section : admin::metric_sections())
        for (const auto& m : section.metrics) {
            CAPTURE(m.name);
            CHECK(names.insert(m.name).second);
            CHECK(m.name.ends_with("_total") == (m.type == admin::MetricType::counter));
            CHECK((m.name.starts_with("halcyon_") || m.name.starts_with("process_")));
            CHECK(std::ranges::all_of(
                m.name, [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }));
            CHECK(m.help.ends_with('.'));
        }
    CHECK(names.size() > 60);
}

TEST_CASE("labels' values cannot break the format") {
    auto scrape = busy();
    scrape.snapshot.overview.collections[0].name = "a\"b\\c\nd";
    const auto text = admin::metrics_text(scrape);
    CHECK(value(text, R"(halcyon_points_upserted_total{collection="a\"b\\c\nd"})") == "7");
}

TEST_CASE("the process is read from /proc, whatever its name is") {
    const std::string line =
        "42 (a) b (c)) S 1 42 42 0 -1 4194304 900 0 3 0 250 50 0 0 20 0 9 0 123456 104857600 2560 "
        "18446744073709551615 1 1 0 0 0 0 0 4096 17642 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";
    CHECK(admin::parse_process_stat(line) == admin::ProcessStat{300, 123456, 104857600, 2560});
    CHECK_FALSE(admin::parse_process_stat("42 (a) S 1"));
    CHECK_FALSE(admin::parse_process_stat(""));
    CHECK(admin::parse_boot_time("cpu 1 2\nbtime 1700000000\nprocesses 5\n") == 1'700'000'000);
    CHECK_FALSE(admin::parse_boot_time("cpu 1 2\n"));
}

TEST_CASE("this process has memory, files and a start in the past") {
    const auto figures = admin::read_process_figures();
    REQUIRE(figures);
    CHECK(figures->resident_bytes > 1'000'000);
    CHECK(figures->virtual_bytes > figures->resident_bytes);
    CHECK(admin::resident_bytes() > 1'000'000);
    CHECK(figures->open_fds >= 3);
    CHECK(figures->cpu_seconds >= 0);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto age = std::chrono::duration<double>(now).count() - figures->start_seconds;
    CHECK(age > -2);
    CHECK(age < 3600);
}
