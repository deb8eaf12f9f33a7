// The pipeline's decisions: the planner, the sequencer of keys, the tickets.
#include <benchmark/benchmark.h>

#include "pipeline/decide/ack_tracker.hpp"
#include "pipeline/decide/key_sequencer.hpp"
#include "pipeline/decide/planner.hpp"
#include "sample.hpp"

namespace {

using namespace halcyon;
using pipeline::KeySequencer;
using pipeline::Work;

std::vector<Work> works(unsigned count) {
    std::vector<Work> all(count);
    for (unsigned i = 0; i < count; ++i) {
        all[i].key = bench::key(i);
        all[i].version = {1, {1767225600, i + 1}, 0};
    }
    return all;
}

void plan(benchmark::State& state) {
    render::Wanted wanted;
    wanted.wanted = true;
    wanted.text_digest = digest_of("text");
    wanted.payload_digest = digest_of("payload");
    Receipt held;
    held.version = {1, {1767225600, 1}, 0};
    held.text = wanted.text_digest;
    held.payload = digest_of("payload of before");
    held.chunks = 1;
    const Version version{1, {1767225600, 2}, 0};
    for (auto _ : state) benchmark::DoNotOptimize(pipeline::plan(version, wanted, held));
}
BENCHMARK(plan);

/// Admitted and finished with so many keys in flight; each item has a key of its own.
void sequencer_of_distinct_keys(benchmark::State& state) {
    const auto all = works(static_cast<unsigned>(state.range(0)));
    for (auto _ : state) {
        KeySequencer sequencer;
        for (const auto& work : all) benchmark::DoNotOptimize(sequencer.admit(work));
        for (const auto& work : all) benchmark::DoNotOptimize(sequencer.finish(work.key));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sequencer_of_distinct_keys)->Arg(1000)->Arg(20000);

/// Every key comes twice while it is in flight: the second is parked and comes out at the end of the first.
void sequencer_of_parked_keys(benchmark::State& state) {
    const auto first = works(static_cast<unsigned>(state.range(0)));
    auto second = first;
    for (auto& work : second) ++work.version.operation;
    for (auto _ : state) {
        KeySequencer sequencer;
        for (const auto& work : first) benchmark::DoNotOptimize(sequencer.admit(work));
        for (const auto& work : second) benchmark::DoNotOptimize(sequencer.admit(work));
        for (const auto& work : first) {
            benchmark::DoNotOptimize(sequencer.finish(work.key));
            benchmark::DoNotOptimize(sequencer.finish(work.key));
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0) * 2);
}
BENCHMARK(sequencer_of_parked_keys)->Arg(1000)->Arg(20000);

void tickets(benchmark::State& state) {
    pipeline::AckTracker<std::uint64_t> tracker;
    std::uint64_t passed = 0;
    for (auto _ : state) {
        const auto first = tracker.open(0);
        for (std::uint64_t i = 1; i < 1000; ++i) tracker.open(i);
        for (std::uint64_t i = 1000; i-- > 0;) tracker.settle(first + i);
        tracker.advance([&](std::uint64_t mark) { passed += mark; });
    }
    benchmark::DoNotOptimize(passed);
    state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(tickets);

}  // namespace

BENCHMARK_MAIN();
