// From a cursor's thread to the loop: the mailbox, the budget of bytes, the hop to the pool and back.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <thread>

#include "async/budget.hpp"
#include "async/mailbox.hpp"
#include "async/pool.hpp"

namespace {

using namespace halcyon;
using Context = boost::asio::io_context;

void run(Context& loop, Task<> task) {
    boost::asio::co_spawn(loop, std::move(task), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
    loop.restart();
}

Task<> drain(async::Mailbox<std::uint64_t>* mailbox, std::uint64_t* sum) {
    for (;;) {
        const auto taken = co_await mailbox->take(512);
        if (taken.empty()) co_return;
        for (const auto n : taken) *sum += n;
    }
}

/// One thread puts, the loop takes.
void mailbox(benchmark::State& state) {
    constexpr std::uint64_t items = 100000;
    Context loop(1);
    std::uint64_t sum = 0;
    for (auto _ : state) {
        async::Mailbox<std::uint64_t> box(loop.get_executor());
        std::jthread cursor([&box] {
            for (std::uint64_t i = 0; i < items; ++i) box.put(i);
            box.close();
        });
        run(loop, drain(&box, &sum));
    }
    benchmark::DoNotOptimize(sum);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}
BENCHMARK(mailbox)->UseRealTime();

void lease(benchmark::State& state) {
    Context loop(1);
    async::ByteBudget budget(loop.get_executor(), 1 << 20);
    for (auto _ : state) benchmark::DoNotOptimize(budget.acquire_blocking(500));
}
BENCHMARK(lease);

Task<> hop(async::Pool* pool, unsigned times, unsigned* sum) {
    for (unsigned i = 0; i < times; ++i) *sum += co_await async::on_pool(*pool, [] { return 1u; });
}

void hop_to_the_pool_and_back(benchmark::State& state) {
    Context loop(1);
    async::ThreadPool pool(1, "bench");
    unsigned sum = 0;
    for (auto _ : state) run(loop, hop(&pool, 1000, &sum));
    benchmark::DoNotOptimize(sum);
    state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(hop_to_the_pool_and_back)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
