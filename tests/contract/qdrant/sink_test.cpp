// What every Sink does, the fake too.
#include <catch2/catch.hpp>
#include <set>

#include "contract/qdrant/worlds.hpp"
#include "unit/qdrant/samples.hpp"

using namespace halcyon;
using namespace halcyon::test;
namespace samples = halcyon::qdrant::samples;

namespace {

template <class World>
bool skipped(const World& world) {
    if (world.skipped()) WARN("skipped: HALCYON_TEST_QDRANT_URL names no server");
    return world.skipped();
}

Deadline soon() { return in(std::chrono::seconds(30)); }

template <class World>
CollectionSpec spec(const World& world, std::uint32_t dimension = 4) {
    CollectionSpec s;
    s.name = world.name();
    s.dimension = dimension;
    return s;
}

template <class World>
CollectionState ensured(World& world, const CollectionSpec& s) {
    auto state = world.loop().wait(world.sink().ensure(s, soon()));
    if (!state) FAIL(describe(state.error()));
    return std::move(state).value();
}

template <class World>
std::vector<SinkOutcome> apply(World& world, std::vector<SinkOperation> operations) {
    return world.loop().wait(world.sink().apply(world.name(), std::move(operations), soon()));
}

template <class World>
void done(World& world, std::vector<SinkOperation> operations) {
    for (const auto& outcome : apply(world, std::move(operations)))
        if (!outcome) FAIL(describe(outcome.error()));
}

template <class World>
std::vector<HeldDocument> held(World& world, std::vector<DocumentKey> keys) {
    auto documents = world.loop().wait(world.sink().lookup(world.name(), std::move(keys), soon()));
    if (!documents) FAIL(describe(documents.error()));
    return std::move(documents).value();
}

template <class World>
std::uint64_t count(World& world) {
    auto points = world.loop().wait(world.sink().count(world.name(), soon()));
    if (!points) FAIL(describe(points.error()));
    return points.value();
}

PointId id(const CollectionName& collection, const DocumentKey& key, std::uint32_t chunk) {
    return point_id(SourceName("mongodb"), collection, key, chunk);
}

void failed(const SinkOutcome& outcome, Verdict verdict, Cause cause) {
    REQUIRE_FALSE(outcome);
    INFO(describe(outcome.error()));
    CHECK(to_string(outcome.error().verdict) == to_string(verdict));
    CHECK(to_string(outcome.error().cause) == to_string(cause));
}

}  // namespace

#define WORLDS ScriptedWorld, DevelopmentWorld, NamedWorld

TEMPLATE_TEST_CASE("a collection is made once, and known again", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    const auto first = ensured(world, spec(world));
    CHECK(first.created);
    CHECK(first.points == 0);
    CHECK(first.highest_epoch == 0);
    CHECK_FALSE(first.identity.empty());
    const auto again = ensured(world, spec(world));
    CHECK_FALSE(again.created);
    CHECK(again.identity == first.identity);
    CHECK(again.physical == first.physical);
}

TEMPLATE_TEST_CASE("a collection of another dimension or distance is refused for good", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto wrong = world.loop().wait(world.sink().ensure(spec(world, 5), soon()));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().verdict == Verdict::fatal);
    CHECK(wrong.error().cause == Cause::dimension_mismatch);
    auto dot = spec(world);
    dot.distance = Distance::dot;
    const auto distance = world.loop().wait(world.sink().ensure(dot, soon()));
    REQUIRE_FALSE(distance);
    CHECK(distance.error().verdict == Verdict::fatal);
}

TEMPLATE_TEST_CASE("somebody else's collection is used only when the settings say so", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    world.plain(world.name(), 4);
    auto s = spec(world);
    const auto refused = world.loop().wait(world.sink().ensure(s, soon()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().verdict == Verdict::fatal);
    CHECK(refused.error().cause == Cause::conflict);
    s.adopt = true;
    const auto adopted = ensured(world, s);
    CHECK_FALSE(adopted.created);
    CHECK(adopted.physical == world.name().value());
    CHECK_FALSE(adopted.identity.empty());
    CHECK(ensured(world, s).identity == adopted.identity);
    done(world, {samples::upsert(world.name(), samples::key("1"))});
    CHECK(count(world) == 1);
}

TEMPLATE_TEST_CASE("what was written is found again by its key", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto a = samples::key(R"({"$oid":"5f1a2b3c4d5e6f7081929394"})");
    const auto b = samples::key(R"("odd \" id")", "shop", "a.b");
    done(world, {samples::upsert(world.name(), a, 3), samples::upsert(world.name(), b)});
    CHECK(count(world) == 4);

    const auto missing = samples::key("404");
    const auto documents = held(world, {b, missing, a, b});
    REQUIRE(documents.size() == 4);
    CHECK(documents[0].chunks.size() == 1);
    CHECK(documents[1].chunks.empty());
    CHECK_FALSE(documents[1].receipt());
    CHECK(documents[3].chunks.size() == 1);
    REQUIRE(documents[2].chunks.size() == 3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        CHECK(documents[2].chunks[i].id == id(world.name(), a, i));
        CHECK(documents[2].chunks[i].provenance.chunk == i);
        CHECK(documents[2].chunks[i].provenance.key == a);
    }
    const auto expected = samples::provenance(a, 0, 3);
    const auto receipt = documents[2].receipt();
    REQUIRE(receipt);
    CHECK(receipt->version == expected.version);
    CHECK(receipt->text == expected.text);
    CHECK(receipt->payload == expected.payload);
    CHECK(receipt->chunks == 3);
}

TEMPLATE_TEST_CASE("a shrunk document loses its tail with its new text", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto key = samples::key("1");
    done(world, {samples::upsert(world.name(), key, 4)});
    auto smaller = samples::upsert(world.name(), key, 2);
    smaller.removes = {id(world.name(), key, 2), id(world.name(), key, 3)};
    done(world, {smaller});
    CHECK(count(world) == 2);
    REQUIRE(held(world, {key})[0].receipt());
    CHECK(held(world, {key})[0].receipt()->chunks == 2);
}

TEMPLATE_TEST_CASE("chunks that do not agree are no document", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto key = samples::key("1");
    done(world, {samples::upsert(world.name(), key, 3)});
    SinkOperation partly;
    partly.upserts.push_back(samples::point(world.name(), key, 0, 3));
    partly.upserts[0].provenance.version.time.seconds += 1;
    done(world, {partly});
    CHECK(held(world, {key})[0].chunks.size() == 3);
    CHECK_FALSE(held(world, {key})[0].receipt());
}

TEMPLATE_TEST_CASE("removing is done whether or not the points were there", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto key = samples::key("1");
    SinkOperation remove;
    remove.removes = {id(world.name(), key, 0), id(world.name(), key, 1)};
    done(world, {remove});
    done(world, {samples::upsert(world.name(), key, 2)});
    done(world, {remove});
    CHECK(count(world) == 0);
    CHECK(held(world, {key})[0].chunks.empty());
}

TEMPLATE_TEST_CASE("a payload is replaced without its vector being sent", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto key = samples::key("1");
    done(world, {samples::upsert(world.name(), key, 2)});
    SinkOperation change;
    for (std::uint32_t i = 0; i < 2; ++i) {
        auto p = samples::provenance(key, i, 2);
        p.payload = {42, 42};
        p.version.time.seconds += 1;
        change.payloads.push_back({id(world.name(), key, i), R"({"name":"desk"})", p});
    }
    done(world, {change});
    const auto receipt = held(world, {key})[0].receipt();
    REQUIRE(receipt);
    CHECK(receipt->payload == Digest{42, 42});
    CHECK(count(world) == 2);
}

TEMPLATE_TEST_CASE("a payload without its point voids one receipt and stops nobody else", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    std::vector<SinkOperation> writes;
    std::vector<SinkOperation> changes;
    std::vector<DocumentKey> keys;
    for (int i = 0; i < 6; ++i) {
        const auto key = samples::key(std::to_string(i));
        keys.push_back(key);
        // Documents 1 and 4 were never written; 4 has two chunks.
        const std::uint32_t chunks = i == 4 ? 2 : 1;
        if (i != 1 && i != 4) writes.push_back(samples::upsert(world.name(), key, chunks));
        SinkOperation change;
        for (std::uint32_t c = 0; c < chunks; ++c) {
            auto p = samples::provenance(key, c, chunks);
            p.payload = {7, 7};
            change.payloads.push_back({id(world.name(), key, c), R"({"name":"desk"})", p});
        }
        changes.push_back(std::move(change));
    }
    done(world, std::move(writes));
    const auto outcomes = apply(world, std::move(changes));
    REQUIRE(outcomes.size() == 6);
    const auto documents = held(world, keys);
    for (std::size_t i = 0; i < 6; ++i) {
        INFO("document " << i);
        if (i == 1 || i == 4) {
            failed(outcomes[i], Verdict::resync, Cause::not_found);
            CHECK(documents[i].chunks.empty());
        } else {
            CHECK(outcomes[i].has_value());
            REQUIRE(documents[i].receipt());
            CHECK(documents[i].receipt()->payload == Digest{7, 7});
        }
    }
}

TEMPLATE_TEST_CASE("one bad vector refuses its batch, and nothing is removed for it", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    const auto good = samples::key("1");
    const auto bad = samples::key("2");
    done(world, {samples::upsert(world.name(), bad, 2)});
    auto wrong = samples::upsert(world.name(), bad, 1);
    wrong.upserts[0].vector = share({"[1,2,3]", 3});
    wrong.removes = {id(world.name(), bad, 1)};
    const auto outcomes = apply(world, {samples::upsert(world.name(), good), wrong});
    failed(outcomes.at(0), Verdict::reject, Cause::dimension_mismatch);
    failed(outcomes.at(1), Verdict::reject, Cause::dimension_mismatch);
    CHECK(held(world, {bad})[0].receipt().has_value());
    // Split, the good one goes through.
    done(world, {samples::upsert(world.name(), good)});
    failed(apply(world, {wrong}).at(0), Verdict::reject, Cause::dimension_mismatch);
    CHECK(count(world) == 3);
}

TEMPLATE_TEST_CASE("a scroll shows every point once, whatever the page", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    std::set<std::string> written;
    std::vector<SinkOperation> operations;
    for (int i = 0; i < 11; ++i) {
        operations.push_back(samples::upsert(world.name(), samples::key(std::to_string(i)), 2));
        for (const auto& u : operations.back().upserts) written.insert(u.id.value());
    }
    done(world, std::move(operations));
    for (const std::size_t limit : {1U, 3U, 22U, 100U}) {
        std::multiset<std::string> found;
        std::optional<std::string> from;
        std::size_t pages = 0;
        do {
            auto page = world.loop().wait(world.sink().scroll(world.name(), from, limit, soon()));
            if (!page) FAIL(describe(page.error()));
            CHECK(page.value().chunks.size() <= limit);
            for (const auto& chunk : page.value().chunks) found.insert(chunk.id.value());
            from = page.value().next;
            REQUIRE(++pages < 50);
        } while (from);
        CHECK(std::set<std::string>(found.begin(), found.end()) == written);
        CHECK(found.size() == written.size());
    }
}

TEMPLATE_TEST_CASE("the highest epoch that was written is remembered by the collection", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    auto operation = samples::upsert(world.name(), samples::key("1"));
    operation.upserts[0].provenance.version.epoch = 6;
    done(world, {operation});
    CHECK(ensured(world, spec(world)).highest_epoch == 6);
    operation.upserts[0].provenance.version.epoch = 5;
    done(world, {operation});
    CHECK(ensured(world, spec(world)).highest_epoch == 6);
}

TEMPLATE_TEST_CASE("a collection that went away pauses, and comes back as another", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    const auto before = ensured(world, spec(world));
    done(world, {samples::upsert(world.name(), samples::key("1"))});
    world.drop(world.name());
    for (int i = 0; i < 2; ++i)
        failed(apply(world, {samples::upsert(world.name(), samples::key("1"))}).at(0), Verdict::retry,
               Cause::not_found);
    const auto lookup = world.loop().wait(world.sink().lookup(world.name(), {samples::key("1")}, soon()));
    REQUIRE_FALSE(lookup);
    CHECK(lookup.error().verdict == Verdict::retry);
    const auto after = ensured(world, spec(world));
    CHECK(after.created);
    CHECK(after.points == 0);
    CHECK(after.identity != before.identity);
    done(world, {samples::upsert(world.name(), samples::key("1"))});
    CHECK(count(world) == 1);
}

TEMPLATE_TEST_CASE("a collection that was never ensured is asked nothing", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    failed(apply(world, {samples::upsert(world.name(), samples::key("1"))}).at(0), Verdict::retry,
           Cause::not_found);
    const auto points = world.loop().wait(world.sink().count(world.name(), soon()));
    REQUIRE_FALSE(points);
    CHECK(points.error().verdict == Verdict::retry);
}

TEMPLATE_TEST_CASE("nothing to do is done", "[sink]", WORLDS) {
    TestType world;
    if (skipped(world)) return;
    ensured(world, spec(world));
    CHECK(apply(world, {}).empty());
    done(world, {SinkOperation{}, SinkOperation{}});
    CHECK(held(world, {}).empty());
    CHECK(world.sink().max_request_bytes() > 0);
}
