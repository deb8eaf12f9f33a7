#include "async/budget.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "async/pool.hpp"
#include "unit/async/loop.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using async::ByteBudget;
using async::Lease;

namespace {

using Trace = std::vector<std::string>;

Task<> acquire(ByteBudget* budget, std::size_t bytes, std::vector<Lease>* leases, Trace* trace,
               std::string name) {
    auto lease = co_await budget->acquire(bytes);
    trace->push_back(name);
    leases->push_back(std::move(lease));
}

Task<> churn(ByteBudget* budget, int rounds, std::atomic<std::size_t>* most) {
    for (int i = 0; i < rounds; ++i) {
        const auto lease = co_await budget->acquire(static_cast<std::size_t>(1 + i % 40));
        const auto used = budget->used();
        if (used > most->load()) most->store(used);
        co_await async::yield();
    }
}

/// Until another thread stands in the queue: it shows in that a coroutine behind it is not served.
bool ready(const std::future<std::size_t>& f) {
    return f.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace

TEST_CASE("a lease gives its bytes back once, when released, moved over or destroyed") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    {
        auto a = budget.take(30);
        auto b = std::move(a);
        CHECK(budget.used() == 30);
        b = budget.take(50);
        CHECK(budget.used() == 50);
        b.release();
        b.release();
        CHECK(budget.used() == 0);
        a = budget.take(10);
    }
    CHECK(budget.used() == 0);
    CHECK(budget.capacity() == 100);
}

TEST_CASE("coroutines wait until there is room, and are served in order of arrival") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    std::vector<Lease> leases;
    Trace trace;
    auto first = budget.take(80);
    const Spawned a(loop, acquire(&budget, 50, &leases, &trace, "a"));
    const Spawned b(loop, acquire(&budget, 10, &leases, &trace, "b"));
    const Spawned c(loop, acquire(&budget, 40, &leases, &trace, "c"));
    const Spawned d(loop, acquire(&budget, 1, &leases, &trace, "d"));
    loop.turn();
    CHECK(trace.empty());
    first.release();
    loop.turn();
    CHECK(trace == Trace{"a", "b", "c"});
    CHECK(budget.used() == 100);
    leases.clear();
    loop.turn();
    CHECK(trace == Trace{"a", "b", "c", "d"});
    CHECK(budget.used() == 1);
}

TEST_CASE("an item larger than the budget is let through alone") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    std::vector<Lease> leases;
    Trace trace;
    auto small = budget.take(1);
    const Spawned huge(loop, acquire(&budget, 1000, &leases, &trace, "huge"));
    const Spawned next(loop, acquire(&budget, 1, &leases, &trace, "next"));
    loop.turn();
    CHECK(trace.empty());
    small.release();
    loop.turn();
    CHECK(trace == Trace{"huge"});
    CHECK(budget.used() == 1000);
    leases.clear();
    loop.turn();
    CHECK(trace == Trace{"huge", "next"});
}

TEST_CASE("a cancelled wait gives up its place, and what was granted meanwhile") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    std::vector<Lease> leases;
    Trace trace;
    auto first = budget.take(100);
    Spawned a(loop, acquire(&budget, 90, &leases, &trace, "a"));
    const Spawned b(loop, acquire(&budget, 20, &leases, &trace, "b"));
    loop.turn();

    SECTION("cancelled before the grant") {
        a.cancel();
        loop.turn();
        CHECK(a.aborted());
        first.release();
        loop.turn();
        CHECK(trace == Trace{"b"});
    }
    SECTION("cancelled, then granted, in one turn") {
        a.cancel();
        first.release();
        loop.turn();
        CHECK(a.aborted());
        CHECK(trace == Trace{"b"});
    }
    SECTION("granted, then cancelled, in one turn") {
        first.release();
        a.cancel();
        loop.turn();
        CHECK(a.ended());
        leases.clear();
        loop.turn();
        CHECK(trace.back() == "b");
    }
    leases.clear();
    CHECK(budget.used() == 0);
}

TEST_CASE("a thread blocks until the loop releases") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    auto first = budget.take(100);
    auto thread = std::async(std::launch::async, [&] {
        auto lease = budget.acquire_blocking(60);
        return lease.bytes();
    });
    CHECK_FALSE(ready(thread));
    first.release();
    CHECK(thread.get() == 60);
    CHECK(budget.used() == 0);
}

TEST_CASE("close and a stop request let blocked threads go with nothing") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    auto first = budget.take(100);
    std::stop_source stop;
    auto closed = std::async(std::launch::async, [&] { return budget.acquire_blocking(1).bytes(); });
    auto stopped =
        std::async(std::launch::async, [&] { return budget.acquire_blocking(1, stop.get_token()).bytes(); });
    stop.request_stop();
    CHECK(stopped.get() == 0);
    budget.close();
    CHECK(closed.get() == 0);
    CHECK(budget.acquire_blocking(1).bytes() == 0);
    first.release();
    CHECK(budget.acquire_blocking(1).bytes() == 0);
    CHECK(budget.used() == 0);
}

TEST_CASE("a coroutine waits while a thread holds the bytes, and goes on when that thread releases") {
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    std::vector<Lease> leases;
    Trace trace;
    auto held = std::make_unique<Lease>(budget.take(100));
    const Spawned a(loop, acquire(&budget, 70, &leases, &trace, "a"));
    loop.turn();
    std::thread releasing([&] { held.reset(); });
    loop.run();
    releasing.join();
    CHECK(trace == Trace{"a"});
    CHECK(budget.used() == 70);
}

TEST_CASE("a waiting coroutine that dies with the loop leaves the budget whole") {
    std::vector<Lease> leases;
    Trace trace;
    Loop loop;
    ByteBudget budget(loop.executor(), 100);
    auto first = budget.take(100);
    Spawned a(loop, acquire(&budget, 70, &leases, &trace, "a"));
    loop.turn();
    a.cancel();
    loop.turn();
    first.release();
    CHECK(budget.used() == 0);
}

TEST_CASE("threads and coroutines together never exceed the budget, and all are served") {
    Loop loop;
    constexpr std::size_t capacity = 100;
    ByteBudget budget(loop.executor(), capacity);
    std::atomic<std::size_t> most = 0;
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5'000; ++i) {
                const auto lease = budget.acquire_blocking(static_cast<std::size_t>(1 + (i + t) % 60));
                const auto used = budget.used();
                if (used > most.load()) most.store(used);
            }
            ++done;
        });
    std::vector<Spawned> spawned;
    for (int c = 0; c < 4; ++c) spawned.emplace_back(loop, churn(&budget, 2'000, &most));
    loop.run();
    for (auto& t : threads) t.join();
    for (const auto& s : spawned) CHECK(s.succeeded());
    CHECK(done == 3);
    CHECK(most <= capacity);
    CHECK(budget.used() == 0);
}
