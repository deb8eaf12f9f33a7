#include "core/version.hpp"

#include <string>
#include <vector>

using namespace halcyon;

TEST_CASE("a version is written in fixed width and read back") {
    const Version v{1, {0x655f0f4d, 3}, Version::last};
    CHECK(v.text() == "00000001-655f0f4d-00000003-ffffffff");
    CHECK(Version::parse(v.text()) == v);
    CHECK(Version::parse(Version{}.text()) == Version{});
}

TEST_CASE("versions sort as their texts do") {
    const std::vector<std::uint32_t> edges{0, 1, 9, 10, 0x7fffffff, 0x80000000, 0xffffffff};
    std::vector<Version> all;
    for (const auto epoch : edges)
        for (const auto seconds : edges)
            for (const auto increment : edges) {
                all.push_back({epoch, {seconds, increment}, 0});
                all.push_back({epoch, {seconds, increment}, Version::last});
            }
    for (std::size_t i = 0; i < all.size(); i += 7)
        for (const auto& b : all) CHECK((all[i] < b) == (all[i].text() < b.text()));
}

TEST_CASE("a state read at a cluster time contains every operation of it") {
    CHECK(Version{0, {7, 1}, 12} < Version{0, {7, 1}, Version::last});
    CHECK(Version{0, {7, 1}, Version::last} < Version{0, {7, 2}, 0});
    CHECK(Version{0, {7, 1}, Version::last} < Version{1, {1, 1}, 0});
}

TEST_CASE("a text that is no version is refused") {
    for (const std::string_view text :
         {"", "00000001-655f0f4d-00000003", "00000001-655f0f4d-00000003-fffffff",
          "00000001-655f0f4d-00000003-ffffffff0", "00000001-655F0F4D-00000003-ffffffff",
          "00000001_655f0f4d-00000003-ffffffff", "0000000g-655f0f4d-00000003-ffffffff",
          "+0000001-655f0f4d-00000003-ffffffff", " 0000001-655f0f4d-00000003-ffffffff"}) {
        INFO(text);
        CHECK_FALSE(Version::parse(text).has_value());
    }
}

TEST_CASE("before a version is the newest that is older") {
    CHECK(Version{}.before() == Version{});
    for (const Version v :
         {Version{1, {5, 2}, 3}, Version{1, {5, 2}, 0}, Version{1, {5, 0}, 0}, Version{2, {}, 0}}) {
        CHECK(v.before() < v);
        CHECK_FALSE(v.before() < Version{v.epoch - 1, {}, 0});
    }
    CHECK(Version{1, {5, 2}, 3}.before() == Version{1, {5, 2}, 2});
    CHECK(Version{1, {5, 2}, 0}.before() == Version{1, {5, 1}, Version::last});
}
