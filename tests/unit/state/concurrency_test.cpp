// Reads and writes at once; the memory file system; cancellation.
#include <rocksdb/env.h>

#include <catch2/catch.hpp>

#include "async/task_group.hpp"
#include "unit/state/opened.hpp"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

Task<> write_and_read_back(state::RocksStore* store, int lane, int rounds, int* wrong) {
    for (int i = 0; i < rounds; ++i) {
        const auto k = key(std::to_string(lane) + "/" + std::to_string(i % 7));
        const auto r = receipt(static_cast<std::uint32_t>(i + 1), i % 5 == 0);
        Commit c;
        c.receipts.emplace_back(k, r);
        if (i % 3 == 0) c.owed.emplace_back(k, owed(static_cast<std::uint32_t>(i), i));
        const auto written =
            co_await store->commit(std::move(c), i % 50 == 0 ? Durability::synced : Durability::buffered);
        std::vector<ReceiptKey> keys;
        keys.push_back(k);
        const auto back = co_await store->receipts(std::move(keys));
        if (written.has_error() || back.has_error() || back.value().front() != r) ++*wrong;
    }
}

Task<> scan(state::RocksStore* store, int rounds, int* wrong) {
    for (int i = 0; i < rounds; ++i) {
        const auto page = co_await store->scan_receipts(CollectionName("products"), {}, {}, 1000);
        const auto due = co_await store->due(CollectionName("products"), true, WallTime{1'000'000}, 1000);
        const auto counts = co_await store->counts();
        if (page.has_error() || due.has_error() || counts.has_error()) ++*wrong;
    }
}

Task<> list(state::RocksStore* store, int rounds, int* wrong) {
    for (int i = 0; i < rounds; ++i) {
        std::optional<std::string> from;
        do {
            const auto page = co_await store->documents({}, from, 5);
            if (page.has_error()) ++*wrong;
            from = page.has_value() ? page.value().next : std::nullopt;
        } while (from);
    }
}

Task<> join(async::TaskGroup* group) { co_await group->join(); }

}  // namespace

TEST_CASE("whoever commits reads their own write, while others write and scan") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    int wrong = 0;
    async::TaskGroup group(one.loop.executor());
    for (int lane = 0; lane < 8; ++lane) group.spawn(write_and_read_back(one.store.get(), lane, 150, &wrong));
    group.spawn(scan(one.store.get(), 100, &wrong));
    run(one.loop, join(&group));
    CHECK(wrong == 0);
    const auto counts = run(one.loop, one.store->counts()).value().front();
    CHECK(counts.receipts + counts.tombstones == 56);
}

TEST_CASE("a list that is made while others write is what the records say") {
    const Folder folder;
    Opened one(folder.path().string());
    one.hooks.lists = {.few = 0, .at_once = 3};
    one.open();
    int wrong = 0;
    async::TaskGroup group(one.loop.executor());
    for (int lane = 0; lane < 8; ++lane) group.spawn(write_and_read_back(one.store.get(), lane, 100, &wrong));
    for (int i = 0; i < 2; ++i) group.spawn(list(one.store.get(), 20, &wrong));
    run(one.loop, join(&group));
    CHECK(wrong == 0);
    const auto from_index = run(one.loop, one.store->documents({}, {}, 1000)).value().rows;
    CHECK(from_index.size() > 20);
    one.stop();
    one.hooks.lists = {};
    one.open();
    CHECK(from_index == run(one.loop, one.store->documents({}, {}, 1000)).value().rows);
}

TEST_CASE("a commit whose caller is cancelled is written all the same") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    for (int i = 0; i < 50; ++i) {
        Commit c;
        c.receipts.emplace_back(key(std::to_string(i)), receipt(1));
        std::optional<Result<>> outcome;
        Spawned call(one.loop, keep(one.store->commit(c, Durability::buffered), &outcome));
        one.loop.turn();
        call.cancel();
        one.loop.run();
        REQUIRE(call.ended());
        REQUIRE(one.read(key(std::to_string(i))) == receipt(1));
    }
}

TEST_CASE("commits that wait together are answered each for itself") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    std::vector<std::optional<Result<>>> outcomes(200);
    std::vector<Spawned> calls;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        Commit c;
        c.receipts.emplace_back(key("same"), receipt(static_cast<std::uint32_t>(i + 1), i % 2 == 1));
        c.receipts.emplace_back(key(std::to_string(i)), receipt(1));
        calls.emplace_back(one.loop,
                           keep(one.store->commit(std::move(c), Durability::buffered), &outcomes[i]));
    }
    one.loop.run();
    for (const auto& outcome : outcomes) REQUIRE(outcome->has_value());
    CHECK(one.read(key("same")) == receipt(200, true));
    const auto counts = run(one.loop, one.store->counts()).value().front();
    CHECK(counts.receipts == 200);
    CHECK(counts.tombstones == 1);
}

TEST_CASE("the memory file system holds a store over crashes, for simulations") {
    const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    Opened one("/halcyon");
    one.hooks.env = env.get();
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1), Durability::synced).has_value());
    REQUIRE(one.commit(key("b"), receipt(1)).has_value());
    one.crash();
    one.open();
    CHECK(one.read(key("a")) == receipt(1));
    CHECK(one.read(key("b")) == receipt(1));
    CHECK_FALSE(one.load().clean);
    one.stop();
    one.open();
    CHECK(one.load().clean);
    CHECK_FALSE(std::filesystem::exists("/halcyon"));
}
