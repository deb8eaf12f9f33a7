// What a confirmed batch costs in RocksDB: the commit, and the reading of the receipts before it.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "sample.hpp"
#include "state/rocks_store.hpp"

namespace {

using namespace halcyon;

/// A store in a folder that goes with it.
struct Store {
    Store() {
        auto pattern = (std::filesystem::temp_directory_path() / "halcyon-bench-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        folder = pattern;
        state::Options options;
        options.path = folder.string();
        store = std::move(state::RocksStore::open(options, writer, readers).value());
    }
    ~Store() {
        store.reset();
        std::filesystem::remove_all(folder);
    }

    template <class T>
    Result<T> run(Task<Result<T>> task) {
        std::optional<Result<T>> outcome;
        boost::asio::co_spawn(loop, keep(std::move(task), &outcome), [](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        loop.run();
        loop.restart();
        if (outcome->has_error()) throw std::runtime_error(describe(outcome->error()));
        return std::move(*outcome);
    }

    boost::asio::io_context loop{1};
    async::ThreadPool writer{1, "writer"};
    async::ThreadPool readers{2, "readers"};
    std::filesystem::path folder;
    std::unique_ptr<state::RocksStore> store;

  private:
    template <class T>
    static Task<> keep(Task<Result<T>> task, std::optional<Result<T>>* outcome) {
        outcome->emplace(co_await std::move(task));
    }
};

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
    Store disk;
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

/// 256 keys at once; 0: of none there is a receipt, 1: of all.
void receipts(benchmark::State& state) {
    constexpr unsigned stored = 20000, at_once = 256;
    Store disk;
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
