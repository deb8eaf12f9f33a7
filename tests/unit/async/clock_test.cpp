#include "async/clock.hpp"

#include <catch2/catch.hpp>

#include "unit/async/loop.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using namespace std::chrono_literals;

namespace {

Task<> sleep(async::Clock* clock, Instant at, Instant* woke) {
    co_await clock->sleep_until(at);
    *woke = clock->now();
}

}  // namespace

TEST_CASE("the system's clock never wakes a coroutine early") {
    Loop loop;
    async::SystemClock clock;
    const auto at = clock.now() + 5ms;
    Instant woke{};
    run(loop, sleep(&clock, at, &woke));
    CHECK(woke >= at);
}

TEST_CASE("a moment that has passed does not delay") {
    Loop loop;
    async::SystemClock clock;
    Instant woke{};
    run(loop, sleep(&clock, clock.now() - 1h, &woke));
    CHECK(woke > Instant{});
}

TEST_CASE("a wait of hours, or for ever, ends at once when it is cancelled") {
    Loop loop;
    async::SystemClock clock;
    Instant woke{};
    Spawned one(loop, sleep(&clock, GENERATE(false, true) ? Instant::max() : clock.now() + 24h, &woke));
    loop.turn();
    CHECK_FALSE(one.ended());
    one.cancel();
    loop.turn();
    CHECK(one.aborted());
}

TEST_CASE("of two deadlines the sooner one counts") {
    const async::SystemClock clock;
    const auto soon = Deadline::in(clock, 1s);
    const Deadline never;
    CHECK(soon.sooner(never).at == soon.at);
    CHECK(never.sooner(soon).at == soon.at);
    CHECK(soon.left(clock) <= 1s);
    CHECK(never.left(clock) > 24h);
}

TEST_CASE("the wall clock is in this century") {
    const async::SystemClock clock;
    CHECK(clock.wall().ms > 1'700'000'000'000);
}
