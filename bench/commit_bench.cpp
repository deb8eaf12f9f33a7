// What a confirmed batch costs in RocksDB: the commit, and the reading of the receipts before it.
#include <benchmark/benchmark.h>

#include <utility>

#include "sample.hpp"
#include "state/codec.hpp"
#include "store.hpp"

namespace {

using namespace halcyon;

Receipt receipt(unsigned number) {
    Receipt r;
    r.version = {1, {1767225600, number + 1}, 0};
    r.text = digest_of("text");
    r.payload = digest_of("payload");
    r.chunks = 1;
    r.at = {1767225600123};
    return r;
}

ReceiptKey receipt_key(unsigned number) { return {CollectionName("products"), bench::key(number)}; }

/// As many receipts and one frontier, buffered.
void commit(benchmark::State& state) {
    bench::Store disk;
    const auto count = static_cast<unsigned>(state.range(0));
    unsigned next = 0;
    for (auto _ : state) {
        state.PauseTiming();
        Commit value;
        for (unsigned i = 0; i < count; ++i, ++next)
            value.receipts.emplace_back(receipt_key(next), receipt(next));
        value.frontier.emplace();
        value.frontier->position = {std::string(100, 't'), {1767225600, next}, true, false};
        state.ResumeTiming();
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(commit)->Arg(1)->Arg(256)->UseRealTime();

/// As many receipts that replace those that planning read, as in the live path; beside so many documents that
/// failed, so that a status cannot be told from the receipt alone.
void commit_again(benchmark::State& state) {
    constexpr unsigned stored = 20000;
    bench::Store disk;
    const auto count = static_cast<unsigned>(state.range(0));
    Commit failed;
    for (unsigned i = 0; i < state.range(1); ++i) {
        Owed note;
        note.version = {1, {1767225600, 1}, 0};
        note.attempts = 1;
        failed.owed.emplace_back(receipt_key(stored + i), note);
    }
    benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(failed), Durability::buffered)));
    for (unsigned i = 0; i < stored;) {
        Commit value;
        for (unsigned n = 0; n < 1000; ++n, ++i) value.receipts.emplace_back(receipt_key(i), receipt(i));
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
    std::vector<std::int64_t> last(stored, receipt(0).at.ms);
    auto now = last.front();
    unsigned next = 0;
    for (auto _ : state) {
        state.PauseTiming();
        Commit value;
        ++now;
        for (unsigned i = 0; i < count; ++i, next = (next + 77) % stored) {
            auto before = receipt(next), after = before;
            before.at.ms = std::exchange(last[next], now);
            after.at.ms = now;
            value.receipts.push_back({receipt_key(next), after, Earlier{true, before}});
        }
        state.ResumeTiming();
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(commit_again)->Args({256, 0})->Args({256, 1000})->UseRealTime();

/// What of a commit of as many receipts statuses take: told before and after, and counted.
void statuses(benchmark::State& state) {
    const auto count = static_cast<unsigned>(state.range(0));
    std::vector<Stored> before(count), now(count);
    for (unsigned i = 0; i < count; ++i) {
        if (i % 2 == 0) before[i].receipt = receipt(i);
        now[i].receipt = receipt(i + count);
    }
    CollectionCounts counts;
    for (auto _ : state) {
        for (unsigned i = 0; i < count; ++i) {
            const auto old = before[i].status(), is = now[i].status();
            if (old == is) continue;
            if (old) --counts.of(*old);
            if (is) ++counts.of(*is);
        }
        benchmark::DoNotOptimize(state::encode(counts));
    }
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(statuses)->Arg(256);

/// 256 keys at once; 0: of none there is a receipt, 1: of all.
void receipts(benchmark::State& state) {
    constexpr unsigned stored = 20000, at_once = 256;
    bench::Store disk;
    for (unsigned i = 0; i < stored;) {
        Commit value;
        for (unsigned n = 0; n < 1000; ++n, ++i) value.receipts.emplace_back(receipt_key(i), receipt(i));
        benchmark::DoNotOptimize(disk.run(disk.store->commit(std::move(value), Durability::buffered)));
    }
    unsigned next = 0;
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<ReceiptKey> keys;
        for (unsigned i = 0; i < at_once; ++i, next += 77)
            keys.push_back(receipt_key(next % stored + (state.range(0) == 1 ? 0 : stored)));
        state.ResumeTiming();
        benchmark::DoNotOptimize(disk.run(disk.store->receipts(std::move(keys))));
    }
    state.SetItemsProcessed(state.iterations() * at_once);
}
BENCHMARK(receipts)->Arg(0)->Arg(1)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
