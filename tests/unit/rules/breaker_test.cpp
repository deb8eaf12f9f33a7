#include "rules/breaker.hpp"

using namespace halcyon;
using namespace std::chrono_literals;

namespace {

const Instant start{1h};
const rules::BreakerOptions options{.failures = 3,
                                    .probes = {.initial = 1s, .factor = 2, .cap = 10s, .jitter = 0}};

rules::Breaker opened(SeededRandom& random) {
    rules::Breaker breaker(options);
    for (int i = 0; i < 3; ++i) breaker.failed(start, std::nullopt, random);
    return breaker;
}

}  // namespace

TEST_CASE("a closed breaker lets everything through until enough failures follow each other") {
    SeededRandom random(1);
    rules::Breaker breaker(options);
    CHECK(breaker.allows(start));
    breaker.failed(start, std::nullopt, random);
    breaker.failed(start, std::nullopt, random);
    CHECK_FALSE(breaker.open());
    breaker.succeeded();
    breaker.failed(start, std::nullopt, random);
    breaker.failed(start, std::nullopt, random);
    CHECK_FALSE(breaker.open());
    CHECK(breaker.allows(start));
    breaker.failed(start, std::nullopt, random);
    CHECK(breaker.open());
    CHECK_FALSE(breaker.allows(start));
}

TEST_CASE(
    "an open breaker is half-open when its probe is due, and each failed probe moves the next one away") {
    SeededRandom random(1);
    auto breaker = opened(random);
    CHECK(breaker.next_probe() == start + 1s);
    CHECK_FALSE(breaker.allows(start + 999ms));
    CHECK(breaker.allows(start + 1s));
    CHECK(breaker.open());
    auto now = start + 1s;
    for (const auto wait : {2s, 4s, 8s, 10s, 10s}) {
        breaker.failed(now, std::nullopt, random);
        CHECK(breaker.next_probe() == now + wait);
        now += wait;
    }
}

TEST_CASE("a probe that succeeds closes the breaker and forgets its history") {
    SeededRandom random(1);
    auto breaker = opened(random);
    breaker.failed(start + 1s, std::nullopt, random);
    breaker.succeeded();
    CHECK_FALSE(breaker.open());
    CHECK(breaker.allows(start));
    CHECK(breaker.next_probe() == Instant::min());
    for (int i = 0; i < 3; ++i) breaker.failed(start + 9s, std::nullopt, random);
    CHECK(breaker.next_probe() == start + 10s);
}

TEST_CASE("late failures of calls that were under way do not push the probe away") {
    SeededRandom random(1);
    auto breaker = opened(random);
    for (int i = 0; i < 50; ++i) breaker.failed(start + 500ms, std::nullopt, random);
    CHECK(breaker.next_probe() == start + 1s);
}

TEST_CASE("a service that says when to come back is believed") {
    SeededRandom random(1);
    rules::Breaker breaker(options);
    breaker.failed(start, 60s, random);
    CHECK(breaker.open());
    CHECK(breaker.next_probe() == start + 60s);
    breaker.failed(start + 10s, 90s, random);
    CHECK(breaker.next_probe() == start + 100s);
    breaker.failed(start + 100s, 1s, random);
    CHECK(breaker.next_probe() == start + 102s);
}
