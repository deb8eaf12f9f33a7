#include "base/time.hpp"

#include <catch2/catch.hpp>

using namespace halcyon;

TEST_CASE("durations are said in the unit that fits") {
    CHECK(duration_text(0) == "0 ms");
    CHECK(duration_text(850) == "850 ms");
    CHECK(duration_text(12340) == "12.3 s");
    CHECK(duration_text(245'000) == "4 min 5 s");
    CHECK(duration_text(11'400'000) == "3 h 10 min");
}
