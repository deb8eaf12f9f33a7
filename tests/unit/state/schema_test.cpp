#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "state/codec.hpp"
#include "state/keys.hpp"
#include "unit/state/opened.hpp"
#include "unit/state/raw.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using state::Family;

namespace {

/// A made-up version before this one: receipts did not count embeddings.
constexpr std::uint8_t older = state::schema_version - 1;

std::string as_older(const Receipt& r) {
    auto bytes = state::encode(r);
    bytes[0] = older;
    bytes.resize(bytes.size() - sizeof r.embeddings);
    return bytes;
}

Result<std::string> from_older(Family family, std::string_view, std::string_view value) {
    std::string out(value);
    out[0] = state::schema_version;
    if (family == Family::receipts) out.append(sizeof Receipt::embeddings, '\0');
    return out;
}

void make_older(const Folder& folder, int receipts) {
    Opened one(folder.path().string());
    one.open();
    Commit c;
    for (int i = 0; i < receipts; ++i) c.receipts.emplace_back(key(std::to_string(i)), receipt(7));
    c.owed.emplace_back(key("owed"), owed(3, 9));
    c.frontier = Frontier{4, {"token", {1, 1}, true, false}, {}, {}};
    c.notes.emplace_back("routes", "r1");
    REQUIRE(run(one.loop, one.store->commit(c, Durability::synced)).has_value());
    one.stop();
    Raw raw(folder);
    for (int i = 0; i < receipts; ++i)
        raw.put("receipts", state::key_of(key(std::to_string(i))), as_older(receipt(7)));
    for (const auto& [family, name] :
         {std::pair<std::string, std::string>{"owed", state::key_of(key("owed"))},
          {"meta", "frontier"},
          {"meta", "count/products"}}) {
        auto bytes = raw.get(family, name);
        bytes[0] = older;
        raw.put(family, name, bytes);
    }
    raw.put("meta", "schema", std::string(1, older));
}

}  // namespace

TEST_CASE("a store of a newer version is refused, saying who wrote it and what to do") {
    const Folder folder;
    Opened one(folder.path().string());
    one.hooks.schema = state::schema_version + 1;
    one.hooks.migrations = {};
    one.hooks.program = "9.8.7";
    one.open();
    one.stop();
    Opened two(folder.path().string());
    const auto error = two.open_error();
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::unsupported);
    CHECK(error.context.find("9.8.7") != std::string::npos);
    CHECK(error.context.find("move the folder away") != std::string::npos);
    const auto reader = state::open_read_only(two.options, two.readers);
    REQUIRE(reader.has_error());
    CHECK(reader.error().cause == Cause::unsupported);
    one.open();
    CHECK(one.load().clean);
}

TEST_CASE("an older store is migrated, all of it, and can be opened again") {
    const Folder folder;
    make_older(folder, 100);
    Opened one(folder.path().string());
    one.hooks.migrations = {{older, from_older}};
    const auto reader = state::open_read_only_with(one.options, one.hooks, one.readers);
    REQUIRE(reader.has_error());
    CHECK(reader.error().cause == Cause::unsupported);
    one.open();
    for (int round = 0; round < 2; ++round) {
        auto expected = receipt(7);
        expected.embeddings = 0;
        for (int i = 0; i < 100; ++i) REQUIRE(one.read(key(std::to_string(i))) == expected);
        const auto state = one.load();
        CHECK(state.frontier->epoch == 4);
        CHECK(state.notes.size() == 1);
        CHECK(
            run(one.loop, one.store->due(CollectionName("products"), true, WallTime{9}, 10)).value().size() ==
            1);
        CHECK(run(one.loop, one.store->counts()).value().front().receipts == 100);
        one.stop();
        one.hooks.migrations = {};
        one.open();
    }
}

TEST_CASE("an interrupted migration goes on where it was") {
    const Folder folder;
    make_older(folder, 50);
    Opened one(folder.path().string());
    int left = 20;
    one.hooks.migrations = {{older, [&left](auto family, auto k, auto value) -> Result<std::string> {
                                 if (family == Family::receipts && --left < 0)
                                     return fail(Verdict::fatal, Cause::disk_full, "full");
                                 return from_older(family, k, value);
                             }}};
    CHECK(one.open_error().cause == Cause::disk_full);
    one.hooks.migrations = {{older, from_older}};
    one.open();
    for (int i = 0; i < 50; ++i) REQUIRE(one.read(key(std::to_string(i))).has_value());
}

TEST_CASE("a store that is too old to migrate is refused") {
    const Folder folder;
    make_older(folder, 1);
    Opened one(folder.path().string());
    one.hooks.migrations = {};
    const auto error = one.open_error();
    CHECK(error.cause == Cause::unsupported);
    CHECK(error.context.find(fmt::format("schema version {}", older)) != std::string::npos);
}

TEST_CASE("a table of a later version that nobody here knows is left alone") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    one.stop();
    {
        Raw raw(folder);
        rocksdb::ColumnFamilyHandle* added = nullptr;
        REQUIRE(raw.db().CreateColumnFamily({}, "outbox", &added).ok());
        REQUIRE(raw.db().Put({}, added, "k", "v").ok());
        raw.db().DestroyColumnFamilyHandle(added);
    }
    one.open();
    one.stop();
    Raw raw(folder);
    CHECK(raw.get("outbox", "k") == "v");
}

TEST_CASE("records without a schema version are damage, not a new store") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    one.stop();
    {
        Raw raw(folder);
        REQUIRE(raw.db().Delete({}, raw.family("meta"), "schema").ok());
    }
    CHECK(one.open_error().cause == Cause::corrupted);
}
