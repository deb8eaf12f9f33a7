// The index of documents by their last change: made for who lists, and gone when nobody does.
#include "unit/state/opened.hpp"
#include "unit/state/raw.hpp"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr std::size_t documents = 20;

/// A life of the store: whether it lists, and how many documents it changes afterwards.
void live(const Folder& folder, const state::ListHooks& lists, bool list, std::uint32_t changes) {
    Opened one(folder.path().string());
    one.hooks.lists = lists;
    one.open();
    if (list) CHECK(run(one.loop, one.store->documents({}, {}, 100)).value().rows.size() == documents);
    for (std::uint32_t i = 0; i < changes; ++i)
        REQUIRE(one.commit(key(std::to_string(i % documents)), receipt(100 + i)).has_value());
    one.stop();
}

std::size_t indexed(const Folder& folder) { return Raw(folder).size("by_change"); }

}  // namespace

TEST_CASE("documents are indexed by their last change only while somebody lists many") {
    const Folder folder;
    const state::ListHooks few, many{.few = documents - 1, .at_once = 3};
    live(folder, many, false, documents);
    CHECK(indexed(folder) == 0);
    live(folder, few, true, documents);
    CHECK(indexed(folder) == 0);
    live(folder, many, true, 2 * documents);
    CHECK(indexed(folder) == documents);
    SECTION("not by the next run") {
        live(folder, many, false, 1);
        CHECK(indexed(folder) == 0);
    }
    SECTION("not when nobody has listed for a while") {
        live(folder, {.few = 0, .unused = Duration(0)}, true, 1);
        CHECK(indexed(folder) == 0);
    }
}

TEST_CASE("an index of documents that are all gone is not taken for one of the next run") {
    const Folder folder;
    const state::ListHooks many{.few = 0};
    live(folder, many, false, documents);
    {
        Opened one(folder.path().string());
        one.hooks.lists = many;
        one.open();
        CHECK(run(one.loop, one.store->documents({}, {}, 100)).value().rows.size() == documents);
        Commit all;
        for (std::size_t i = 0; i < documents; ++i) all.forget.push_back(key(std::to_string(i)));
        REQUIRE(run(one.loop, one.store->commit(std::move(all), Durability::buffered)).has_value());
        one.stop();
    }
    live(folder, many, false, documents);
    live(folder, many, true, 0);
}

TEST_CASE("a stopped store lists without an index, and leaves none") {
    const Folder folder;
    const state::ListHooks many{.few = 0};
    live(folder, many, false, documents);
    Opened one(folder.path().string());
    one.hooks.lists = many;
    const auto reader = state::open_read_only_with(one.options, one.hooks, one.readers).value();
    CHECK(run(one.loop, reader->documents({}, {}, 100)).value().rows.size() == documents);
    CHECK(indexed(folder) == 0);
}
