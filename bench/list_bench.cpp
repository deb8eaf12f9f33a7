// A page of a million documents, latest change first.
#include <benchmark/benchmark.h>

#include "sample.hpp"
#include "store.hpp"

namespace {

using namespace halcyon;

constexpr std::int64_t began = 1'767'225'600'000;

/// So many documents, a thousand a millisecond; each hundredth failed.
void fill(bench::Store& disk, unsigned count) {
    const CollectionName collection("products");
    for (unsigned i = 0; i < count;) {
        Commit value;
        for (unsigned n = 0; n < 1000 && i < count; ++n, ++i) {
            Receipt r;
            r.version = {1, {1767225600, i + 1}, 0};
            r.text = digest_of("text");
            r.chunks = 1;
            r.at = {began + i / 1000};
            const ReceiptKey key{collection, bench::key(i)};
            value.receipts.emplace_back(key, r);
            if (i % 100 != 0) continue;
            Owed note;
            note.version = {1, {1767225601, i + 1}, 0};
            note.attempts = 1;
            note.since = note.last_attempt = {began + i / 1000 + 5};
            value.owed.emplace_back(key, note);
        }
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
}

/// The first list, which makes the index.
void first_list(benchmark::State& state) {
    for (auto _ : state) {
        state.PauseTiming();
        bench::Store disk;
        fill(disk, static_cast<unsigned>(state.range(0)));
        state.ResumeTiming();
        benchmark::DoNotOptimize(disk.run(disk.store->documents({}, {}, 100)));
    }
}
BENCHMARK(first_list)->Arg(1'000'000)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

/// Every page of a hundred; 0: of all documents, 1: of those that failed. The slowest is in `worst_ms`.
void pages(benchmark::State& state) {
    bench::Store disk;
    fill(disk, 1'000'000);
    DocumentFilter filter;
    if (state.range(0) == 1) filter.status = SyncStatus::failed;
    benchmark::DoNotOptimize(disk.run(disk.store->documents(filter, {}, 100)));
    std::optional<std::string> from;
    double worst = 0;
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        from = disk.run(disk.store->documents(filter, from, 100)).value().next;
        worst = std::max(
            worst,
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    state.counters["worst_ms"] = worst;
}
BENCHMARK(pages)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(10'000);

}  // namespace

BENCHMARK_MAIN();
