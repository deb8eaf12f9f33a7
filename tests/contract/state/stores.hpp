// Both stores behind one handle that tests can call without coroutines.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/random.hpp"
#include "state/testing.hpp"
#include "support/memory_store.hpp"
#include "unit/async/loop.hpp"
#include "unit/state/folder.hpp"

namespace halcyon::testing {

class AnyStore {
  public:
    virtual ~AnyStore() = default;
    virtual CommitStore& commits() = 0;
    virtual StateReader& reader() = 0;
    /// An orderly stop and the next start.
    virtual void restart() = 0;
    /// The process dies and the next one starts.
    virtual void crash() = 0;

    Result<> commit(Commit c, Durability d = Durability::buffered) {
        return run(loop, commits().commit(std::move(c), d));
    }
    StoredState load() { return value(run(loop, reader().load())); }
    std::vector<std::optional<Receipt>> receipts(std::vector<ReceiptKey> keys) {
        return value(run(loop, reader().receipts(std::move(keys))));
    }
    Page<Receipt> scan(std::string collection, std::optional<Namespace> ns = {},
                       std::optional<std::string> from = {}, std::size_t limit = 1000) {
        return value(run(loop, reader().scan_receipts(CollectionName(collection), ns, from, limit)));
    }
    std::vector<std::pair<ReceiptKey, Owed>> due(std::string collection, std::int64_t at,
                                                 std::size_t limit = 1000, bool retries = true) {
        return value(run(loop, reader().due(CollectionName(collection), retries, WallTime{at}, limit)));
    }
    std::vector<Stored> stored(std::vector<ReceiptKey> keys) {
        return value(run(loop, reader().stored(std::move(keys))));
    }
    Page<Stored> documents(DocumentFilter filter, std::optional<std::string> from = {},
                           std::size_t limit = 1000) {
        return value(run(loop, reader().documents(std::move(filter), std::move(from), limit)));
    }
    Page<DeadLetter> dead_letters(std::optional<CollectionName> collection = {},
                                  std::optional<std::string> from = {}, std::size_t limit = 1000) {
        return value(run(loop, reader().dead_letters(collection, from, limit)));
    }
    std::vector<CollectionCounts> counts() { return value(run(loop, reader().counts())); }

    Loop loop;

  private:
    template <class T>
    static T value(Result<T> r) {
        if (r.has_error()) FAIL(describe(r.error()));
        return std::move(r).value();
    }
};

class AnyMemoryStore final : public AnyStore {
  public:
    CommitStore& commits() override { return store; }
    StateReader& reader() override { return store; }
    void restart() override { store.orderly_stop(); }
    void crash() override { store.process_crash(); }

    async::SystemClock clock;
    SeededRandom random{1};
    MemoryStore store{clock, random, {Duration(0), Duration(0), std::chrono::seconds(1)}};
};

class AnyRocksStore final : public AnyStore {
  public:
    explicit AnyRocksStore(const state::ListHooks& lists = {}) {
        hooks.lists = lists;
        open();
    }
    CommitStore& commits() override { return *store; }
    StateReader& reader() override { return *store; }
    void restart() override {
        const auto closed = run(loop, store->close());
        REQUIRE(closed.has_value());
        crash();
    }
    void crash() override {
        store.reset();
        open();
    }

    Folder folder;
    state::Hooks hooks;
    async::ThreadPool writer{1};
    async::ThreadPool readers{2};
    std::unique_ptr<state::RocksStore> store;

  private:
    void open() {
        state::Options options;
        options.path = folder.path().string();
        auto opened = state::open_with(options, hooks, writer, readers);
        if (opened.has_error()) FAIL(describe(opened.error()));
        store = std::move(opened).value();
    }
};

inline std::unique_ptr<AnyStore> make_store(const std::string& kind) {
    if (kind == "memory") return std::make_unique<AnyMemoryStore>();
    return std::make_unique<AnyRocksStore>();
}

}  // namespace halcyon::testing
