// How long the position will last, and who is told.
#include <catch2/catch.hpp>

#include "pipeline/decide/history.hpp"

using namespace halcyon;
using namespace halcyon::pipeline;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Tell = HistoryLeft::Tell;

TEST_CASE("a full history is left from its oldest entry to the position") {
    const History full{{1000, 1}, {5000, 7}, 1};
    CHECK(history_left(full, {5000, 7}) == seconds(4000));
    CHECK(history_left(full, {1500, 1}) == seconds(500));
    CHECK(history_left(full, {1000, 1}) == seconds(0));
    // Newer than what was measured a moment ago.
    CHECK(history_left(full, {6000, 1}) == seconds(5000));
}

TEST_CASE("a position that is older than the history has nothing left, whatever room there is") {
    CHECK(history_left({{1000, 2}, {5000, 1}, 1}, {1000, 1}) == seconds(0));
    CHECK(history_left({{1000, 2}, {5000, 1}, 0.01}, {1, 1}) == seconds(0));
    CHECK(history_left({{1000, 2}, {5000, 1}, 1}, {}) == seconds(0));
}

TEST_CASE("a history that is not full yet lasts as long as it takes to fill it") {
    CHECK(history_left({{1000, 1}, {1100, 1}, 0.01}, {1100, 1}) == seconds(10'000));
    CHECK(history_left({{1000, 1}, {1100, 1}, 0.01}, {1040, 1}) == seconds(9'940));
    // Written for no time at all: nothing can be told from it.
    CHECK(history_left({{1000, 1}, {1000, 1}, 0.000001}, {1000, 1}) == seconds(0));
    CHECK(History{{1000, 1}, {1000000, 1}, 1e-300}.reach() == hours(365 * 24));
    CHECK(History{{1000, 1}, {900, 1}, 1}.reach() == seconds(0));
}

TEST_CASE("too little history is told once, again when half of that is gone, and when it is enough again") {
    HistoryLeft h(hours(6));
    CHECK(h.measured(hours(30), true) == Tell::nothing);
    CHECK_FALSE(h.low());
    CHECK(h.measured(hours(5), true) == Tell::low);
    CHECK(h.low());
    CHECK(h.measured(hours(4), true) == Tell::nothing);
    CHECK(h.measured(minutes(150), true) == Tell::low);
    CHECK(h.measured(minutes(80), true) == Tell::nothing);
    CHECK(h.measured(seconds(0), true) == Tell::low);
    // Around the bound it is low or not, and nobody is told each time.
    CHECK(h.measured(minutes(365), true) == Tell::nothing);
    CHECK_FALSE(h.low());
    CHECK(h.measured(minutes(355), true) == Tell::nothing);
    CHECK(h.low());
    CHECK(h.measured(hours(7), true) == Tell::enough);
    CHECK(h.measured(hours(8), true) == Tell::nothing);
    CHECK(h.measured(hours(3), true) == Tell::low);
}

TEST_CASE("history that is lost for good is told once, not each time") {
    HistoryLeft h(hours(6));
    CHECK(h.measured(seconds(0), true) == Tell::low);
    CHECK(h.measured(seconds(0), true) == Tell::nothing);
    CHECK(h.measured(minutes(1), true) == Tell::nothing);
}

TEST_CASE("unknown is neither low nor enough, and is told once for each reason") {
    HistoryLeft h(hours(6));
    CHECK_FALSE(h.left());
    CHECK_FALSE(h.why().empty());
    CHECK(h.unknown("closed") == Tell::unknown);
    CHECK(h.unknown("closed") == Tell::nothing);
    CHECK_FALSE(h.low());
    CHECK(h.unknown("away") == Tell::unknown);
    CHECK(h.measured(hours(5), true) == Tell::low);
    CHECK(h.why().empty());
    CHECK(h.unknown("away") == Tell::unknown);
    CHECK_FALSE(h.left());
    CHECK_FALSE(h.low());
}

TEST_CASE("as long as there is room nothing is too little") {
    HistoryLeft h(hours(6));
    CHECK(h.measured(minutes(1), false) == Tell::nothing);
    CHECK_FALSE(h.low());
    CHECK(h.left() == minutes(1));
    CHECK(h.measured(minutes(1), true) == Tell::low);
}

TEST_CASE("without a bound nothing is too little") {
    HistoryLeft h(seconds(0));
    CHECK(h.measured(seconds(0), true) == Tell::nothing);
    CHECK_FALSE(h.low());
}
