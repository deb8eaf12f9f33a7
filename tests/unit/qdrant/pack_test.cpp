#include "qdrant/pack.hpp"

#include <catch2/catch.hpp>

#include "base/random.hpp"
#include "qdrant/outcomes.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;

namespace {
using Parts = std::vector<Part>;
}

TEST_CASE("small operations share a request up to its bytes and its items") {
    CHECK(pack({{4}, {4}, {4}}, {8, 10}) == std::vector<Parts>{{{0, 0, 1}, {1, 0, 1}}, {{2, 0, 1}}});
    CHECK(pack({{1}, {1}, {1}}, {100, 2}) == std::vector<Parts>{{{0, 0, 1}, {1, 0, 1}}, {{2, 0, 1}}});
    CHECK(pack({}, {8, 10}).empty());
    CHECK(pack({{}, {}}, {8, 10}).empty());
}

TEST_CASE("an operation that fits into one request is never cut") {
    CHECK(pack({{4}, {3, 3}}, {8, 10}) == std::vector<Parts>{{{0, 0, 1}}, {{1, 0, 2}}});
    CHECK(pack({{1}, {1, 1}}, {100, 2}) == std::vector<Parts>{{{0, 0, 1}}, {{1, 0, 2}}});
}

TEST_CASE("an operation over the ceiling is cut, and an item over it goes alone") {
    CHECK(pack({{3, 3, 3}}, {6, 10}) == std::vector<Parts>{{{0, 0, 2}}, {{0, 2, 1}}});
    CHECK(pack({{20}, {1}}, {6, 10}) == std::vector<Parts>{{{0, 0, 1}}, {{1, 0, 1}}});
    CHECK(pack({{1}, {20, 1}}, {6, 10}) == std::vector<Parts>{{{0, 0, 1}}, {{1, 0, 1}}, {{1, 1, 1}}});
}

TEST_CASE("nothing is lost, doubled or reordered, whatever the sizes") {
    SeededRandom random(GENERATE(range(1ULL, 200ULL)));
    std::vector<std::vector<std::size_t>> sizes(random.below(12));
    for (auto& own : sizes) {
        own.resize(random.below(6));
        for (auto& bytes : own) bytes = 1 + random.below(30);
    }
    const Ceiling ceiling{1 + random.below(60), 1 + random.below(8)};
    std::vector<std::pair<std::size_t, std::size_t>> packed;
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (std::size_t op = 0; op < sizes.size(); ++op)
        for (std::size_t i = 0; i < sizes[op].size(); ++i) all.emplace_back(op, i);
    for (const auto& request : pack(sizes, ceiling)) {
        std::size_t bytes = 0;
        std::size_t items = 0;
        for (const auto& part : request) {
            for (std::size_t i = part.first; i < part.first + part.count; ++i) {
                packed.emplace_back(part.operation, i);
                bytes += sizes[part.operation][i];
                ++items;
            }
        }
        CHECK(items > 0);
        CHECK(items <= ceiling.items);
        CHECK((bytes <= ceiling.bytes || items == 1));
    }
    CHECK(packed == all);
}

TEST_CASE("a failure without effect is a doubt where a part was confirmed before") {
    Outcomes outcomes(3);
    const Error away{Verdict::retry, Cause::unavailable, "away", {}};
    outcomes.touched(0);
    outcomes.failed(0, away);
    outcomes.failed(1, away);
    outcomes.failed(1, {Verdict::reject, Cause::rejected, "later", {}});
    const auto list = outcomes.take();
    CHECK(list[0].error().cause == Cause::in_doubt);
    CHECK(list[1].error().cause == Cause::unavailable);
    CHECK(list[2].has_value());
}

TEST_CASE("an outage stops what was not sent, a refusal does not") {
    Outcomes outcomes(2);
    outcomes.stop({Verdict::reject, Cause::rejected, "bad", {}});
    outcomes.stop({Verdict::resync, Cause::not_found, "no point", {}});
    CHECK_FALSE(outcomes.stopped());
    outcomes.stop({Verdict::retry, Cause::in_doubt, "lost", {}});
    REQUIRE(outcomes.stopped());
    outcomes.touched(1);
    outcomes.unsent(0);
    outcomes.unsent(1);
    const auto list = outcomes.take();
    CHECK(list[0].error().verdict == Verdict::retry);
    CHECK(list[0].error().cause == Cause::unavailable);
    CHECK(list[1].error().cause == Cause::in_doubt);
}
