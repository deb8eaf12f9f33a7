#include "state/due_front.hpp"

#include <catch2/catch.hpp>

#include "unit/state/opened.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using state::DueFront;

TEST_CASE("the next look begins where the last one found something, unless notes came meanwhile") {
    DueFront front;
    const auto look = front.look("q");
    CHECK(look.from == "q");
    front.found("q", look, "q5");
    CHECK(front.look("q").from == "q5");
    SECTION("a later one changes nothing") {
        front.added("q", "q7");
        CHECK(front.look("q").from == "q5");
    }
    SECTION("an earlier one is not passed") {
        front.added("q", "q3");
        CHECK(front.look("q").from == "q3");
    }
    SECTION("what was added since a look may not have been seen by it") {
        const auto before = front.look("q");
        front.added("q", "q6");
        front.found("q", before, "q9");
        CHECK(front.look("q").from == "q5");
    }
    SECTION("queues do not know each other") { CHECK(front.look("r").from == "r"); }
}

TEST_CASE("what is due is found however notes come and go") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    const CollectionName products("products");
    const auto due = [&](std::int64_t at) {
        const auto notes = run(one.loop, one.store->due(products, true, WallTime{at}, 10)).value();
        std::vector<std::int64_t> times;
        for (const auto& [k, note] : notes) times.push_back(note.next_attempt.ms);
        return times;
    };
    const auto owe = [&](const char* id, std::int64_t next) {
        Commit c;
        c.owed.emplace_back(key(id), owed(static_cast<std::uint32_t>(next), next));
        REQUIRE(run(one.loop, one.store->commit(std::move(c), Durability::buffered)).has_value());
    };
    const auto done = [&](const char* id) {
        Commit c;
        c.owed_done.push_back(key(id));
        REQUIRE(run(one.loop, one.store->commit(std::move(c), Durability::buffered)).has_value());
    };
    using Times = std::vector<std::int64_t>;
    CHECK(due(100).empty());
    owe("a", 50);
    owe("b", 60);
    CHECK(due(100) == Times{50, 60});
    done("a");
    CHECK(due(100) == Times{60});
    owe("c", 55);
    CHECK(due(100) == Times{55, 60});
    CHECK(due(10).empty());
    done("c");
    done("b");
    CHECK(due(100).empty());
    owe("d", 20);
    CHECK(due(100) == Times{20});
    // The same document, tried again later, then sooner.
    owe("d", 90);
    CHECK(due(100) == Times{90});
    owe("d", 95);
    owe("e", 30);
    CHECK(due(100) == Times{30, 95});
}
