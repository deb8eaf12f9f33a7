#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "app/open_files.hpp"

using namespace halcyon::app;

TEST_CASE("open files go up to the hard limit and to our bound, never down") {
    constexpr std::uint64_t none = RLIM_INFINITY;
    CHECK(open_files_wanted(1024, 4096) == 4096);
    CHECK(open_files_wanted(1024, 1'048'576) == most_open_files);
    CHECK(open_files_wanted(1024, none) == most_open_files);
    CHECK(open_files_wanted(4096, 4096) == 4096);
    CHECK(open_files_wanted(1'048'576, 1'048'576) == 1'048'576);
    CHECK(open_files_wanted(none, none) == none);
}
