#include "rules/backoff.hpp"

using namespace halcyon;
using namespace std::chrono_literals;

TEST_CASE("delays grow by the factor up to the cap when there is no jitter") {
    SeededRandom random(1);
    const rules::BackoffOptions options{.initial = 100ms, .factor = 2, .cap = 1s, .jitter = 0};
    CHECK(rules::backoff_delay(options, 1, random) == 100ms);
    CHECK(rules::backoff_delay(options, 2, random) == 200ms);
    CHECK(rules::backoff_delay(options, 4, random) == 800ms);
    CHECK(rules::backoff_delay(options, 5, random) == 1s);
    CHECK(rules::backoff_delay(options, 4'000'000'000, random) == 1s);
    CHECK(rules::backoff_delay(options, 0, random) == 100ms);
}

TEST_CASE("a delay is never zero, never over the cap, and stays within the jitter") {
    SeededRandom random(7);
    const rules::BackoffOptions options;
    Duration least = Duration::max();
    Duration most = Duration::zero();
    for (int i = 0; i < 20'000; ++i) {
        const auto first = rules::backoff_delay(options, 1, random);
        least = std::min(least, first);
        most = std::max(most, first);
        const auto later = rules::backoff_delay(options, 1 + static_cast<unsigned>(i % 50), random);
        CHECK(later > Duration::zero());
        CHECK(later <= options.cap);
    }
    CHECK(least >= 400ms);
    CHECK(least < 410ms);
    CHECK(most <= 600ms);
    CHECK(most > 590ms);
}

TEST_CASE("delays at the cap are still spread") {
    SeededRandom random(3);
    std::set<Duration> seen;
    for (int i = 0; i < 100; ++i) seen.insert(rules::backoff_delay({}, 40, random));
    CHECK(seen.size() > 30);
}

TEST_CASE("an initial delay of nothing still waits a little") {
    SeededRandom random(3);
    CHECK(rules::backoff_delay({.initial = Duration(0), .factor = 1, .cap = 1s, .jitter = 0.5}, 3, random) >
          Duration::zero());
}
