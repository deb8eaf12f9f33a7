// What every WriterMarks does, the fake too; and what the adapter does about servers and keys.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "contract/qdrant/adapter.hpp"
#include "contract/qdrant/worlds.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

Deadline soon() { return in(std::chrono::seconds(30)); }

template <class World>
void ensured(World& world) {
    CollectionSpec s;
    s.name = world.name();
    s.dimension = 4;
    const auto state = world.loop().wait(world.sink().ensure(s, soon()));
    if (!state) FAIL(describe(state.error()));
}

template <class World>
std::optional<WriterMark> read(World& world) {
    auto mark = world.loop().wait(world.marks().read(world.name(), soon()));
    if (!mark) FAIL(describe(mark.error()));
    return std::move(mark).value();
}

template <class World>
void write(World& world, const WriterMark& mark) {
    const auto written = world.loop().wait(world.marks().write(world.name(), mark, soon()));
    if (!written) FAIL(describe(written.error()));
}

const WriterMark ours{"0a1b", "77", "2026-01-31T12:00:00.000Z", 41, 60'000, false};

}  // namespace

TEMPLATE_TEST_CASE("a new collection has no mark; one that is left is read back, whole", "[marks]",
                   ScriptedWorld, DevelopmentWorld, NamedWorld) {
    TestType world;
    if (world.skipped()) return;
    ensured(world);
    CHECK_FALSE(read(world));
    write(world, ours);
    CHECK(read(world) == ours);
    WriterMark other{"ffff", "88", "", 1, 1'000, true};
    write(world, other);
    CHECK(read(world) == other);
    ensured(world);
    CHECK(read(world) == other);
}

TEMPLATE_TEST_CASE("a mark goes with its collection", "[marks]", ScriptedWorld, DevelopmentWorld,
                   NamedWorld) {
    TestType world;
    if (world.skipped()) return;
    ensured(world);
    write(world, ours);
    world.drop(world.name());
    const auto gone = world.loop().wait(world.marks().read(world.name(), soon()));
    REQUIRE_FALSE(gone);
    CHECK(gone.error().verdict == Verdict::retry);
    CHECK_FALSE(world.loop().wait(world.marks().write(world.name(), ours, soon())));
    ensured(world);
    CHECK_FALSE(read(world));
}

TEMPLATE_TEST_CASE("a collection that was never ensured has no place for a mark", "[marks]", ScriptedWorld,
                   DevelopmentWorld, NamedWorld) {
    TestType world;
    if (world.skipped()) return;
    const auto mark = world.loop().wait(world.marks().read(world.name(), soon()));
    REQUIRE_FALSE(mark);
    CHECK(mark.error().verdict == Verdict::retry);
    CHECK(mark.error().cause == Cause::not_found);
}

TEST_CASE("an epoch that is noted leaves the mark alone, and the mark the epoch") {
    Adapter a;
    a.ensured();
    auto operation = a.upsert(1);
    operation.upserts[0].provenance.version.epoch = 9;
    REQUIRE(a.loop.wait(a.services->marks->write(a.products, ours, a.soon())));
    CHECK(a.apply({operation}).at(0).has_value());
    CHECK(a.loop.wait(a.services->marks->read(a.products, a.soon())).value() == ours);
    REQUIRE(a.loop.wait(a.services->marks->write(a.products, ours, a.soon())));
    CHECK(a.ensured().highest_epoch == 9);
}

TEST_CASE("a key that may not leave marks is told apart from a server that is away") {
    Adapter a;
    a.ensured();
    a.server.once("PATCH", 403, R"({"status":{"error":"Forbidden: Access denied"},"time":0})");
    const auto refused = a.loop.wait(a.services->marks->write(a.products, ours, a.soon()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().cause == Cause::unauthorized);
    a.server.once("PATCH", 503, "");
    const auto away = a.loop.wait(a.services->marks->write(a.products, ours, a.soon()));
    REQUIRE_FALSE(away);
    CHECK(away.error().cause == Cause::unavailable);
}
