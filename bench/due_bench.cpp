// How the retry worker chooses its next thousand of many failed documents.
#include <malloc.h>

#include <benchmark/benchmark.h>
#include <fstream>
#include <string>
#include <string_view>

#include "sample.hpp"
#include "store.hpp"

namespace {

using namespace halcyon;

const CollectionName products("products");
constexpr std::int64_t began = 1'767'225'600'000;
constexpr unsigned at_once = 1000;

ReceiptKey failed_key(unsigned number) { return {products, bench::key(number)}; }

/// So many failed documents; those of a thousand are due in the same millisecond.
void fill(bench::Store& disk, unsigned count) {
    for (unsigned i = 0; i < count;) {
        Commit value;
        for (unsigned n = 0; n < 1000 && i < count; ++n, ++i) {
            Owed note;
            note.version = {1, {1767225600, i + 1}, 0};
            note.reason = "HTTP 500: the service failed";
            note.attempts = 1 + i % 3;
            note.code = ErrorCode::embedding_unavailable;
            note.next_attempt = {began + i / 1000};
            value.owed.emplace_back(failed_key(i), note);
        }
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
}

void work_off(bench::Store& disk, unsigned count) {
    for (unsigned i = 0; i < count;) {
        Commit value;
        for (unsigned n = 0; n < 1000 && i < count; ++n, ++i) value.owed_done.push_back(failed_key(i));
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
}

double status_mb(std::string_view what) {
    std::ifstream in("/proc/self/status");
    for (std::string word; in >> word;)
        if (word == what && in >> word) return std::stod(word) / 1000;
    return 0;
}

/// Of so many failed ones, after so many were worked off. `grown_mb`: the peak of the process over the first
/// 200 choices, more than it held before them; what is freed after each of them counts too.
void due(benchmark::State& state) {
    bench::Store disk;
    fill(disk, static_cast<unsigned>(state.range(0)));
    work_off(disk, static_cast<unsigned>(state.range(1)));
    const auto choose = [&] {
        auto chosen = disk.run(disk.store->due(products, true, {began + 1'000'000}, at_once));
        if (chosen.value().size() != at_once) state.SkipWithError("too few were chosen");
    };
    ::malloc_trim(0);
    if (!(std::ofstream("/proc/self/clear_refs") << "5" << std::flush))
        state.SkipWithError("the peak of memory cannot be forgotten");
    const auto before = status_mb("VmRSS:");
    for (int i = 0; i < 200; ++i) choose();
    state.counters["grown_mb"] = status_mb("VmHWM:") - before;
    for (auto _ : state) choose();
}
BENCHMARK(due)
    ->Args({1000, 0})
    ->Args({100'000, 0})
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 100'000})
    ->Args({1'000'000, 900'000})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
