#include "rules/adaptive_limit.hpp"

#include "base/random.hpp"

using namespace halcyon;
using namespace std::chrono_literals;
using rules::AdaptiveLimit;
using Outcome = AdaptiveLimit::Outcome;

namespace {

/// Starts what may start, then finishes all of it.
void round(AdaptiveLimit& limit, Outcome outcome, Duration latency) {
    unsigned started = 0;
    for (; limit.may_start(); ++started) limit.started();
    for (; started > 0; --started) limit.finished(outcome, latency);
}

/// At `n`, by rounds at full use.
AdaptiveLimit grown(unsigned n, unsigned most = 64) {
    AdaptiveLimit limit({.start = 1, .most = most});
    for (int i = 0; i < 200 && limit.limit() < n; ++i) {
        limit.started();
        while (limit.may_start()) limit.started();
        // Finish and replace one at a time, so that every call finishes at full use.
        for (unsigned k = limit.limit(); k > 0; --k) {
            limit.finished(Outcome::ok, 100ms);
            if (limit.may_start()) limit.started();
        }
        while (limit.in_flight() > 0) limit.finished(Outcome::failed, 100ms);
    }
    return limit;
}

}  // namespace

TEST_CASE("a limit starts at one and lets one call through") {
    AdaptiveLimit limit({});
    CHECK(limit.limit() == 1);
    CHECK(limit.may_start());
    limit.started();
    CHECK_FALSE(limit.may_start());
    CHECK(limit.in_flight() == 1);
    limit.finished(Outcome::ok, 10ms);
    CHECK(limit.in_flight() == 0);
    CHECK(limit.limit() == 2);
}

TEST_CASE("a limit grows by one a window of full use, up to its most") {
    AdaptiveLimit limit({.start = 1, .most = 8});
    unsigned before = limit.limit();
    limit.started();
    for (int i = 0; i < 200; ++i) {
        while (limit.may_start()) limit.started();
        limit.finished(Outcome::ok, 100ms);
        CHECK(limit.limit() <= before + 1);
        before = limit.limit();
    }
    CHECK(limit.limit() == 8);
}

TEST_CASE("a limit that is not used does not grow") {
    auto limit = grown(4);
    REQUIRE(limit.limit() == 4);
    for (int i = 0; i < 100; ++i) {
        limit.started();
        limit.finished(Outcome::ok, 100ms);
    }
    CHECK(limit.limit() == 4);
}

TEST_CASE("overload shrinks the limit once for all calls that were under way") {
    auto limit = grown(20);
    REQUIRE(limit.limit() == 20);
    while (limit.may_start()) limit.started();
    for (int i = 0; i < 20; ++i) limit.finished(Outcome::overloaded, 100ms);
    CHECK(limit.limit() == 18);
    round(limit, Outcome::overloaded, 100ms);
    CHECK(limit.limit() == 16);
}

TEST_CASE("a limit never falls below one, and recovers") {
    AdaptiveLimit limit({.start = 3, .most = 8});
    for (int i = 0; i < 50; ++i) round(limit, Outcome::overloaded, 1s);
    CHECK(limit.limit() == 1);
    CHECK(limit.may_start());
    for (int i = 0; i < 100; ++i) {
        while (limit.may_start()) limit.started();
        limit.finished(Outcome::ok, 100ms);
    }
    CHECK(limit.limit() == 8);
}

TEST_CASE("failures that are no overload leave the limit alone") {
    auto limit = grown(10);
    for (int i = 0; i < 20; ++i) round(limit, Outcome::failed, 1s);
    CHECK(limit.limit() == 10);
}

TEST_CASE("rising latency shrinks the limit before the service complains") {
    auto limit = grown(10);
    REQUIRE(limit.limit() == 10);
    round(limit, Outcome::ok, 500ms);
    CHECK(limit.limit() == 9);
}

TEST_CASE("even latency with a little noise does not shrink the limit") {
    AdaptiveLimit limit({.start = 4, .most = 4});
    SeededRandom random(5);
    for (int i = 0; i < 1000; ++i) {
        round(limit, Outcome::ok, 100ms + std::chrono::microseconds(random.below(5000)));
        CHECK(limit.limit() == 4);
    }
}

TEST_CASE("nothing starts before a pause is over, and a shorter pause does not end a longer one") {
    AdaptiveLimit limit({});
    const Instant now{1h};
    CHECK(limit.may_start(now));
    limit.pause_until(now + 10s);
    limit.pause_until(now + 2s);
    CHECK_FALSE(limit.may_start(now + 9s));
    CHECK(limit.may_start(now + 10s));
}
