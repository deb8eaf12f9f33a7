#include "async/waiter.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "unit/async/loop.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using async::Event;
using async::Waiter;

namespace {

using Trace = std::vector<std::string>;

Task<> wait_on(std::shared_ptr<Waiter> waiter, Trace* trace, std::string name) {
    co_await waiter->wait();
    trace->push_back(name + " resumed");
    co_await async::yield();
    trace->push_back(name + " went on");
}

Task<> wait_on_raw(Waiter* waiter) { co_await waiter->wait(); }

Task<> wait_for_event(Event* event, Trace* trace) {
    co_await event->wait();
    trace->push_back("event");
}

Task<> wait_twice(Event* event, Trace* trace) {
    co_await event->wait();
    trace->push_back("first");
    co_await event->wait();
    trace->push_back("second");
}

}  // namespace

TEST_CASE("fire resumes the waiting coroutine in a later turn, never inside fire") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    const Spawned one(loop, wait_on(waiter, &trace, "one"));
    loop.turn();
    REQUIRE(waiter->waiting());
    waiter->fire();
    CHECK(trace.empty());
    CHECK_FALSE(waiter->waiting());
    loop.turn();
    CHECK(trace == Trace{"one resumed", "one went on"});
    CHECK(one.succeeded());
}

TEST_CASE("a fire without a waiter is forgotten") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    waiter->fire();
    const Spawned one(loop, wait_on(waiter, &trace, "one"));
    loop.turn();
    CHECK_FALSE(one.ended());
    waiter->fire();
    waiter->fire();
    loop.turn();
    CHECK(one.succeeded());
}

TEST_CASE("cancellation while waiting throws operation_aborted") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    Spawned one(loop, wait_on(waiter, &trace, "one"));
    loop.turn();
    one.cancel();
    CHECK_FALSE(one.ended());
    loop.turn();
    CHECK(one.aborted());
    CHECK(trace.empty());
    CHECK_FALSE(waiter->waiting());
}

TEST_CASE("fired and then cancelled in one turn: the wait succeeds, the next suspension throws") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    Spawned one(loop, wait_on(waiter, &trace, "one"));
    loop.turn();
    waiter->fire();
    one.cancel();
    loop.turn();
    CHECK(trace == Trace{"one resumed"});
    CHECK(one.aborted());
}

TEST_CASE("cancelled and then fired in one turn: the wait throws and the fire is forgotten") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    Spawned one(loop, wait_on(waiter, &trace, "one"));
    loop.turn();
    one.cancel();
    waiter->fire();
    loop.turn();
    CHECK(one.aborted());
    const Spawned two(loop, wait_on(waiter, &trace, "two"));
    loop.turn();
    CHECK_FALSE(two.ended());
    waiter->fire();
    loop.turn();
    CHECK(two.succeeded());
}

TEST_CASE("a late cancellation does not hit the coroutine that waits next") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    auto one = std::make_unique<Spawned>(loop, wait_on(waiter, &trace, "one"));
    loop.turn();

    SECTION("before the posted completion has run") {
        waiter->fire();
        // Queued behind the completion of `one`, but waits before the cancellation: started by hand.
        std::optional<Spawned> two;
        boost::asio::post(loop.io, [&] { one->cancel(); });
        two.emplace(loop, wait_on(waiter, &trace, "two"));
        one->cancel();
        loop.turn();
        CHECK_FALSE(two->ended());
        waiter->fire();
        loop.turn();
        CHECK(two->succeeded());
    }
    SECTION("after the first has ended") {
        waiter->fire();
        loop.turn();
        REQUIRE(one->succeeded());
        const Spawned two(loop, wait_on(waiter, &trace, "two"));
        loop.turn();
        one->cancel();
        loop.turn();
        CHECK_FALSE(two.ended());
        waiter->fire();
        loop.turn();
        CHECK(two.succeeded());
    }
}

TEST_CASE("a coroutine fired from inside the loop can be cancelled while another one takes its place") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    Spawned one(loop, wait_on(waiter, &trace, "one"));
    loop.turn();
    std::optional<Spawned> two;
    boost::asio::post(loop.io, [&] {
        waiter->fire();                                     // completion of `one` is queued
        two.emplace(loop, wait_on(waiter, &trace, "two"));  // starts at once and waits
        CHECK(waiter->waiting());
        one.cancel();  // must find `one`, not `two`
        CHECK(waiter->waiting());
    });
    loop.turn();
    CHECK(trace == Trace{"one resumed"});
    CHECK(one.aborted());
    CHECK_FALSE(two->ended());
    waiter->fire();
    loop.turn();
    CHECK(two->succeeded());
}

TEST_CASE("cancelled before the wait begins, a coroutine never waits") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    auto other = std::make_shared<Waiter>(loop.executor());
    struct Body {
        static Task<> go(std::shared_ptr<Waiter> first, std::shared_ptr<Waiter> second) {
            co_await first->wait();
            co_await second->wait();
        }
    };
    Spawned one(loop, Body::go(other, waiter));
    loop.turn();
    other->fire();
    one.cancel();
    loop.turn();
    CHECK(one.aborted());
    CHECK_FALSE(waiter->waiting());
}

TEST_CASE("destroying a waiter cancels whoever waits") {
    Loop loop;
    auto waiter = std::make_unique<Waiter>(loop.executor());
    Spawned one(loop, wait_on_raw(waiter.get()));
    loop.turn();
    waiter.reset();
    loop.turn();
    CHECK(one.aborted());
    one.cancel();
    loop.turn();
}

TEST_CASE("a waiter may be destroyed between fire and resumption") {
    Loop loop;
    auto waiter = std::make_unique<Waiter>(loop.executor());
    const Spawned one(loop, wait_on_raw(waiter.get()));
    loop.turn();
    waiter->fire();
    waiter.reset();
    loop.turn();
    CHECK(one.succeeded());
}

TEST_CASE("a fired waiter whose loop is destroyed takes the coroutine with it") {
    auto alive = std::make_shared<int>(1);
    struct Body {
        static Task<> go(std::shared_ptr<Waiter> w, std::shared_ptr<int> held) {
            co_await w->wait();
            ++*held;
        }
    };
    {
        Loop loop;
        auto waiter = std::make_shared<Waiter>(loop.executor());
        const Spawned one(loop, Body::go(waiter, alive));
        loop.turn();
        waiter->fire();
    }
    CHECK(*alive == 1);
    CHECK(alive.use_count() == 1);
}

TEST_CASE("thousands of waits, fires and cancellations leave no wait behind") {
    Loop loop;
    Trace trace;
    auto waiter = std::make_shared<Waiter>(loop.executor());
    std::size_t aborted = 0;
    for (int i = 0; i < 3000; ++i) {
        Spawned one(loop, wait_on(waiter, &trace, "one"));
        loop.turn();
        switch (i % 4) {
            case 0:
                waiter->fire();
                break;
            case 1:
                one.cancel();
                break;
            case 2:
                one.cancel(), waiter->fire();
                break;
            default:
                waiter->fire(), one.cancel();
        }
        loop.turn();
        REQUIRE(one.ended());
        aborted += one.aborted() ? 1 : 0;
    }
    CHECK(aborted == 2250);
    CHECK(trace.size() == 750 * 3);
}

TEST_CASE("an event remembers one notification") {
    Loop loop;
    Trace trace;
    Event event(loop.executor());
    event.notify();
    event.notify();
    const Spawned one(loop, wait_twice(&event, &trace));
    loop.turn();
    CHECK(trace == Trace{"first"});
    event.notify();
    event.notify();
    loop.turn();
    CHECK(trace == Trace{"first", "second"});
    CHECK(one.succeeded());
}

TEST_CASE("a notification that meets a cancelled wait is there for the next one") {
    Loop loop;
    Trace trace;
    Event event(loop.executor());
    Spawned one(loop, wait_for_event(&event, &trace));
    loop.turn();
    one.cancel();
    event.notify();
    loop.turn();
    CHECK(one.aborted());
    const Spawned two(loop, wait_for_event(&event, &trace));
    loop.turn();
    CHECK(two.succeeded());
}

TEST_CASE("an event may be destroyed while somebody waits, and between notification and resumption") {
    Loop loop;
    Trace trace;
    auto event = std::make_unique<Event>(loop.executor());
    const Spawned one(loop, wait_for_event(event.get(), &trace));
    loop.turn();
    const bool notified = GENERATE(false, true);
    if (notified) event->notify();
    event.reset();
    loop.turn();
    CHECK(one.ended());
    CHECK(one.aborted() != notified);
}
