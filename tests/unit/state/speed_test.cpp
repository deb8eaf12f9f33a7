// Figures, not judgements: unit_state "[speed]", in a release build.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <iostream>

#include "base/random.hpp"
#include "unit/state/opened.hpp"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr std::size_t batch_size = 500;

/// Scattered over the collection, as changes are.
ReceiptKey numbered(std::uint64_t n, const char* collection = "products") {
    return key(fmt::format("\x16{:016x}_id", n * 0x9e3779b97f4a7c15ULL), collection);
}

std::vector<Commit> commits_of(std::size_t batches, const char* collection = "products") {
    std::uint64_t first = 0;
    std::vector<Commit> out(batches);
    for (auto& c : out)
        for (std::size_t i = 0; i < batch_size; ++i, ++first)
            c.receipts.emplace_back(numbered(first, collection), receipt(static_cast<std::uint32_t>(first)));
    return out;
}

Task<> commit_all(state::RocksStore* store, std::vector<Commit> commits) {
    for (auto& c : commits)
        if ((co_await store->commit(std::move(c), Durability::buffered)).has_error())
            throw std::runtime_error("a commit failed");
}

Task<> read_all(state::RocksStore* store, std::vector<std::vector<ReceiptKey>> batches) {
    for (auto& keys : batches)
        if ((co_await store->receipts(std::move(keys))).has_error())
            throw std::runtime_error("a read failed");
}

struct Took {
    double seconds;
    double cpu;  // of all threads: what counts on a machine that others use too
};

template <class F>
Took measure(F f) {
    const auto start = std::chrono::steady_clock::now();
    const auto cpu = std::clock();
    f();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
            static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

}  // namespace

TEST_CASE("speed of receipts", "[.][speed]") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    constexpr std::size_t batches = 1000;
    const auto report = [](const char* what, Took took, std::size_t count) {
        const auto n = static_cast<double>(count);
        std::cout << fmt::format("{:<20} {:>9.0f} receipts/s; a batch of {}: {:.3f} ms, {:.3f} ms of CPU\n",
                                 what, n * batch_size / took.seconds, batch_size, took.seconds * 1000 / n,
                                 took.cpu * 1000 / n);
    };
    for (const char* what : {"new", "replaced", "replaced again"}) {
        auto commits = commits_of(batches);
        const auto took = measure([&] { run(one.loop, commit_all(one.store.get(), std::move(commits))); });
        report(what, took, batches);
    }
    run(one.loop, commit_all(one.store.get(), commits_of(40, "small")));
    SeededRandom random(1);
    const auto reads_of = [&](std::uint64_t range, const char* collection) {
        std::vector<std::vector<ReceiptKey>> out(200);
        for (auto& keys : out)
            for (std::size_t i = 0; i < batch_size; ++i)
                keys.push_back(numbered(random.below(range), collection));
        return out;
    };
    const auto read = [&](const char* what, std::uint64_t range, const char* collection) {
        auto reads = reads_of(range, collection);
        const auto count = reads.size();
        report(what, measure([&] { run(one.loop, read_all(one.store.get(), std::move(reads))); }), count);
    };
    read("read 20,000, cold", 20'000, "small");
    read("read 20,000, hot", 20'000, "small");
    read("read all 500,000", 500'000, "products");
}
