#include <catch2/catch.hpp>

#include "mongo/reading.hpp"

using namespace halcyon;
using halcyon::mongo::ranges_of_sample;

namespace {

DocId id(const std::string& text) { return DocId::parse(text).value(); }

/// What one range ends with the next begins with, and both ends are open.
void covers_everything(const std::vector<IdRange>& ranges) {
    REQUIRE_FALSE(ranges.empty());
    CHECK(ranges.front().min.empty());
    CHECK(ranges.back().max.empty());
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        CHECK(ranges[i].min == ranges[i - 1].max);
        CHECK_FALSE(ranges[i].min.empty());
    }
}

}  // namespace

TEST_CASE("quantiles of a sample make ranges that cover everything once") {
    std::vector<DocId> sample;
    for (int i = 10; i < 90; ++i) sample.push_back(id(std::to_string(i)));
    const auto ranges = ranges_of_sample(sample, 4);
    CHECK(ranges.size() == 4);
    covers_everything(ranges);
    CHECK(ranges[1].min == id("30"));
}

TEST_CASE("equal quantiles are one border, and no sample is one range") {
    const std::vector<DocId> same(80, id("\"a\""));
    CHECK(ranges_of_sample(same, 4).size() == 2);
    covers_everything(ranges_of_sample(same, 4));
    CHECK(ranges_of_sample({}, 4).size() == 1);
    CHECK(ranges_of_sample({id("1")}, 1).size() == 1);
    covers_everything(ranges_of_sample({id("1"), id("2")}, 8));
}
