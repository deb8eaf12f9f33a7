// A scrape of the metrics and a round of the telemetry, by collections.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "admin/metrics/text.hpp"
#include "admin/telemetry/board.hpp"

namespace {

using namespace halcyon;

admin::Scrape scrape_of(std::int64_t collections) {
    admin::Scrape scrape;
    auto& snapshot = scrape.snapshot;
    snapshot.version = "1.2.3";
    auto& o = snapshot.overview;
    o.lag = std::chrono::milliseconds(12);
    for (std::int64_t i = 0; i < collections; ++i) {
        const auto name = fmt::format("collection_{}", i);
        o.routes.push_back({"shop." + name, name, "done", 1'000'000, 1'000'000});
        o.collections.emplace_back();
        o.collections.back().name = name;
        o.collections.back().embedder = "default";
        o.collections.back().stats.upserted = 1'000'000;
        snapshot.counts.push_back({CollectionName(name), 1'000'000, 1, 2, 3, {1'000'000, 1, 2, 5}});
    }
    scrape.process = admin::read_process_figures();
    return scrape;
}

void metrics_scrape(benchmark::State& state) {
    const auto scrape = scrape_of(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(admin::metrics_text(scrape));
}
BENCHMARK(metrics_scrape)->Arg(1)->Arg(50)->Unit(benchmark::kMicrosecond);

/// One collection changed; 200 clients that know the state before are told.
void telemetry_round(benchmark::State& state) {
    auto scrape = scrape_of(state.range(0));
    admin::Board board;
    std::array<admin::Board::KnownPtr, 200> pipeline, collections;
    for (auto _ : state) {
        ++scrape.snapshot.overview.events;
        ++scrape.snapshot.overview.collections[0].stats.upserted;
        board.update(scrape.snapshot, {});
        for (auto& known : pipeline) benchmark::DoNotOptimize(board.news(admin::Topic::pipeline, known));
        for (auto& known : collections)
            benchmark::DoNotOptimize(board.news(admin::Topic::collections, known));
    }
}
BENCHMARK(telemetry_round)->Arg(1)->Arg(50)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
