// How a document stands, and what operators are told of failures.
#include "core/status.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>

using namespace halcyon;

TEST_CASE("every error code has a row with cause and cure in docs/errors.md, and the page has no other") {
    std::ifstream file(HALCYON_SOURCE_DIR "/docs/errors.md");
    REQUIRE(file);
    std::set<std::string> rows;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("| `")) continue;
        const auto end = line.find('`', 3);
        rows.insert(line.substr(3, end - 3));
        // | `CODE` | what happened | do |
        INFO(line);
        CHECK(std::count(line.begin(), line.end(), '|') == 4);
        CHECK(line.size() > end + 40);
    }
    std::set<std::string> codes;
    for (std::size_t i = 1; i < error_code_count; ++i) codes.emplace(to_string(static_cast<ErrorCode>(i)));
    CHECK(rows == codes);
    CHECK(codes.size() == error_code_count - 1);
}

TEST_CASE("codes and statuses are read as they are written") {
    for (std::size_t i = 0; i < error_code_count; ++i) {
        const auto code = static_cast<ErrorCode>(i);
        CHECK(parse_error_code(to_string(code)) == code);
    }
    CHECK_FALSE(parse_error_code("NO_SUCH_CODE"));
    for (std::size_t i = 0; i < status_count; ++i) {
        const auto status = static_cast<SyncStatus>(i);
        CHECK(parse_status(to_string(status)) == status);
    }
    CHECK_FALSE(parse_status("Synced"));
}

TEST_CASE("what is stored decides how a document stands") {
    Receipt held;
    held.text = {1, 1};
    Receipt half;
    Receipt tombstone;
    tombstone.deleted = true;
    Owed waiting;
    Owed tried;
    tried.attempts = 1;
    const DeadLetter letter;
    CHECK(status_of(&held, nullptr, nullptr) == SyncStatus::synced);
    CHECK(status_of(&half, nullptr, nullptr) == SyncStatus::stale);
    CHECK(status_of(&held, &waiting, nullptr) == SyncStatus::stale);
    CHECK(status_of(nullptr, &waiting, nullptr) == SyncStatus::pending);
    CHECK(status_of(&tombstone, &waiting, nullptr) == SyncStatus::pending);
    CHECK(status_of(&held, &tried, nullptr) == SyncStatus::failed);
    CHECK(status_of(nullptr, nullptr, &letter) == SyncStatus::failed);
    CHECK_FALSE(status_of(nullptr, nullptr, nullptr));
    CHECK_FALSE(status_of(&tombstone, nullptr, nullptr));
}
