// A store that is opened, restarted and crashed by hand, without coroutines in the tests.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "state/testing.hpp"
#include "unit/async/loop.hpp"
#include "unit/state/folder.hpp"

namespace halcyon::testing {

struct Opened {
    explicit Opened(std::string folder) { options.path = std::move(folder); }

    Error open_error() {
        auto opened = state::open_with(options, hooks, writer, readers);
        REQUIRE(opened.has_error());
        return opened.error();
    }
    void open() {
        auto opened = state::open_with(options, hooks, writer, readers);
        if (opened.has_error()) FAIL(describe(opened.error()));
        store = std::move(opened).value();
    }
    void crash() { store.reset(); }
    void stop() {
        const auto closed = run(loop, store->close());
        if (closed.has_error()) FAIL(describe(closed.error()));
        store.reset();
    }
    Result<> commit(const ReceiptKey& k, const Receipt& r, Durability d = Durability::buffered) {
        Commit c;
        c.receipts.emplace_back(k, r);
        return run(loop, store->commit(std::move(c), d));
    }
    std::optional<Receipt> read(const ReceiptKey& k) {
        auto out = run(loop, store->receipts({k}));
        if (out.has_error()) FAIL(describe(out.error()));
        return out.value().front();
    }
    StoredState load() { return run(loop, store->load()).value(); }

    Loop loop;
    state::Options options;
    state::Hooks hooks;
    async::ThreadPool writer{1};
    async::ThreadPool readers{2};
    std::unique_ptr<state::RocksStore> store;
};

}  // namespace halcyon::testing
