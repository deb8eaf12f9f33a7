// What follows from what all sides say about one document.
#include "pipeline/decide/story.hpp"

#include <catch2/catch.hpp>

#include "pipeline/decide/recent.hpp"

using namespace halcyon;
using namespace halcyon::pipeline;
using Catch::Contains;

namespace {

const DocumentKey key{{"shop", "products"}, DocId::parse("5").value()};
const WallTime now{1'764'000'000'000};

Version version(std::uint32_t seconds) { return {1, {seconds, 1}, 0}; }

render::Wanted content(std::uint64_t text = 1, std::uint64_t payload = 1) {
    render::Wanted w;
    w.wanted = true;
    w.text = "words";
    w.text_digest = {text, 1};
    w.payload_digest = {payload, 2};
    return w;
}

HeldDocument held(std::uint64_t text = 1, std::uint64_t payload = 1, std::uint32_t chunks = 1) {
    HeldDocument h;
    for (std::uint32_t i = 0; i < chunks; ++i) {
        Provenance p;
        p.key = key;
        p.chunk = i;
        p.chunks = chunks;
        p.text = {text, 1};
        p.payload = {payload, 2};
        p.version = version(1'763'000'000);
        h.chunks.push_back({PointId("p"), p});
    }
    return h;
}

Receipt receipt() {
    auto r = held().receipt().value();
    r.at = {1'763'000'100'000};
    return r;
}

Owed owed(std::uint32_t attempts) {
    Owed o;
    o.reason = attempts > 0 ? "HTTP 500: the service failed" : "Qdrant is away";
    o.code = attempts > 0 ? ErrorCode::embedding_unavailable : ErrorCode::none;
    o.attempts = attempts;
    o.since = {now.ms - 60'000};
    o.last_attempt = {attempts > 0 ? now.ms - 5000 : 0};
    o.next_attempt = {now.ms + 20'000};
    return o;
}

DeadLetter letter() {
    DeadLetter l;
    l.code = ErrorCode::document_too_large;
    l.reason = "9 MiB of text";
    l.attempts = 1;
    l.last = now;
    return l;
}

/// A document that is as it should be; the cases say what differs.
struct Case {
    DocumentFacts d{.key = key};
    CollectionFacts c{.collection = CollectionName("products"), .phase = "done", .filter = {}};
    Case() {
        d.asked = now;
        d.streaming = true;
        d.doubt_window = std::chrono::seconds(60);
        d.source = Story::Source{true, 100, {1'763'999'999, 1}};
        c.passes = true;
        c.should = content();
        c.held = held();
        c.stored.receipt = receipt();
    }
};
void gone(Case& c) {
    c.d.source->exists = false;
    c.c.passes.reset();
    c.c.should.reset();
}
void filtered(Case& c) {
    c.c.filter = R"({"status":"active"})";
    c.c.passes = false;
    c.c.should = render::Wanted{};
}
void nothing_held(Case& c) {
    c.c.held = HeldDocument{};
    c.c.stored.receipt.reset();
}
void qdrant_away(Case& c) {
    c.c.held.reset();
    c.c.unasked = Error{Verdict::retry, Cause::unavailable, "connection refused", {}};
    c.c.paused = true;
    c.c.pause = "connection refused";
}

struct Row {
    const char* name;
    void (*make)(Case&);
    const char* state;
    std::vector<std::string> says;
};

}  // namespace

TEST_CASE("what is known of a document ends in a sentence that says what is so and what happens next") {
    const std::vector<Row> rows{
        {"as it should be", [](Case&) {}, "synced", {"synced: nothing to do"}},
        {"another text",
         [](Case& c) { c.c.held = held(7); },
         "differs",
         {"stale", "the text is another one", "Qdrant holds the state of 2025-11-13 02:13:20 UTC",
          "`halcyon retry shop.products 5`"}},
        {"another payload",
         [](Case& c) { c.c.held = held(1, 7); },
         "differs",
         {"stale", "the payload is another one", "the text is right"}},
        {"not all chunks",
         [](Case& c) {
             c.c.held = held(1, 1, 3);
             c.c.held->chunks.pop_back();
         },
         "differs",
         {"stale", "2 chunks that do not belong together"}},
        {"points that are gone",
         [](Case& c) { c.c.held = HeldDocument{}; },
         "differs",
         {"stale", "Qdrant holds nothing of it, though 1 chunks were confirmed at", "`halcyon retry"}},
        {"a scan that was not there yet",
         [](Case& c) {
             nothing_held(c);
             c.c.phase = "scanning";
         },
         "differs",
         {"pending", "Qdrant holds nothing of it", "The route is scanning"}},
        {"a scan that a guard holds",
         [](Case& c) {
             nothing_held(c);
             c.c.phase = "held";
         },
         "differs",
         {"pending", "`halcyon apply`"}},
        {"a stream that is not open",
         [](Case& c) {
             c.c.held = held(7);
             c.d.streaming = false;
             c.d.trouble = "no primary";
         },
         "differs",
         {"The change stream is not open (no primary)"}},
        {"left out by the filter",
         [](Case& c) {
             filtered(c);
             nothing_held(c);
         },
         "not_wanted",
         {R"(not in search because the filter {"status":"active"} leaves it out: nothing to do)"}},
        {"left out by the filter, and held",
         [](Case& c) { filtered(c); },
         "left_over",
         {"to be removed", "leaves it out", "Qdrant holds the state of"}},
        {"an empty text",
         [](Case& c) {
             c.c.should = render::Wanted{};
             nothing_held(c);
         },
         "not_wanted",
         {"not in search because its text is empty"}},
        {"deleted everywhere",
         [](Case& c) {
             gone(c);
             nothing_held(c);
         },
         "gone",
         {"MongoDB does not hold it", "nothing to do"}},
        {"deleted, and still held",
         [](Case& c) { gone(c); },
         "left_over",
         {"to be removed: MongoDB does not"}},
        {"deleted, and Qdrant is away",
         [](Case& c) {
             gone(c);
             qdrant_away(c);
         },
         "left_over",
         {"Qdrant cannot be asked (unavailable: connection refused)", "The collection is paused"}},
        {"failed, and tried again",
         [](Case& c) {
             c.c.held = held(7);
             c.c.stored.owed = owed(2);
         },
         "failed",
         {"failed: attempt 2 of 5 at 2025-11-24 15:59:55 UTC",
          "EMBEDDING_UNAVAILABLE: HTTP 500: the service failed", "Qdrant holds the state of 2025-11-13",
          "It is tried again at 2025-11-24 16:00:20 UTC"}},
        {"failed, and due",
         [](Case& c) {
             c.c.stored.owed = owed(1);
             c.c.stored.owed->next_attempt = now;
         },
         "failed",
         {"It is tried again now, with the next cycle"}},
        {"failed, and retries are off",
         [](Case& c) {
             c.c.stored.owed = owed(2);
             c.d.retries = false;
         },
         "failed",
         {"Retries are turned off; `halcyon retry shop.products 5`"}},
        {"failed, and Qdrant is away",
         [](Case& c) {
             c.c.stored.owed = owed(2);
             qdrant_away(c);
         },
         "failed",
         {"as far as halcyon knows it holds the state of", "when the collection is not paused any more"}},
        {"owed without a fault of its own",
         [](Case& c) {
             qdrant_away(c);
             c.c.stored.owed = owed(0);
         },
         "waits",
         {"stale: it waits since 2025-11-24 15:59:00 UTC (Qdrant is away)", "not paused any more"}},
        {"owed, and never written",
         [](Case& c) {
             nothing_held(c);
             c.c.stored.owed = owed(0);
         },
         "waits",
         {"pending: it waits since"}},
        {"a dead letter",
         [](Case& c) {
             nothing_held(c);
             c.c.stored.letter = letter();
         },
         "dead_letter",
         {"given up after 1 attempt, ", "DOCUMENT_TOO_LARGE: 9 MiB of text", "Qdrant holds nothing of it",
          "docs/errors.md", "`halcyon retry shop.products 5`"}},
        {"under way",
         [](Case& c) {
             c.c.held = held(7);
             c.c.in_flight = true;
         },
         "on_its_way",
         {"on its way: it is planned, embedded or written now"}},
        {"under way again after a failure",
         [](Case& c) {
             c.c.in_flight = true;
             c.c.stored.owed = owed(2);
         },
         "on_its_way",
         {"attempt 3; the last error was EMBEDDING_UNAVAILABLE"}},
        {"under way in a paused collection",
         [](Case& c) {
             qdrant_away(c);
             c.c.in_flight = true;
         },
         "on_its_way",
         {"it waits, since the collection is paused (connection refused)"}},
        {"a write of unknown fate",
         [](Case& c) { c.c.in_flight = c.c.in_doubt = true; },
         "in_doubt",
         {"nobody knows whether it took effect", "within 60 s"}},
        {"MongoDB is away",
         [](Case& c) {
             c.d.source.reset();
             c.d.unasked = Error{Verdict::retry, Cause::timeout, "no primary", {}};
             c.c.should.reset();
             c.c.passes.reset();
         },
         "unknown",
         {"MongoDB cannot be asked (timeout: no primary)", "Qdrant holds the state of"}},
        {"Qdrant is away, and the receipt fits",
         [](Case& c) { qdrant_away(c); },
         "synced",
         {"synced, as far as is known"}},
        {"Qdrant is away, and the receipt does not fit",
         [](Case& c) {
             qdrant_away(c);
             c.c.should = content(7);
         },
         "differs",
         {"stale", "The collection is paused (connection refused): it goes on when that is mended"}},
        {"what cannot be rendered",
         [](Case& c) {
             nothing_held(c);
             c.c.should.reset();
             c.c.unfit = Error{Verdict::reject, Cause::invalid, "nested too deep", {}};
         },
         "unfit",
         {"cannot be rendered: nested too deep"}},
        {"a collection that is not open yet",
         [](Case& c) {
             c.c.should.reset();
             c.c.paused = true;
             c.c.pause = "the collection is being prepared";
         },
         "waits",
         {"not open yet (the collection is being prepared)"}},
    };
    for (const auto& row : rows) {
        Case c;
        row.make(c);
        const auto said = conclude(c.d, c.c);
        INFO(row.name << ": " << said.sentence);
        CHECK(said.state == row.state);
        for (const auto& part : row.says) CHECK_THAT(said.sentence, Contains(part));
    }
}

TEST_CASE("a namespace without a route is told those that have one") {
    DocumentFacts d{.key = key};
    d.routed = {"shop.orders", "shop.people"};
    CHECK(no_route(d) == "no route leads from shop.products; routes lead from shop.orders, shop.people");
    CHECK_FALSE(d.known());
}

TEST_CASE("a document is known to whom holds anything of it") {
    Case c;
    gone(c);
    nothing_held(c);
    c.d.collections = {c.c};
    CHECK_FALSE(c.d.known());
    c.d.collections[0].stored.receipt.emplace().deleted = true;
    CHECK(c.d.known());
    c.d.collections[0].stored = {};
    c.d.collections[0].held = held();
    CHECK(c.d.known());
    c.d.collections[0].held.reset();
    c.d.source->exists = true;
    CHECK(c.d.known());
    c.d.source.reset();
    c.d.unasked = Error{};
    CHECK(c.d.known());
}

TEST_CASE("an id that a shell would take apart is quoted in the command") {
    Case c;
    c.d.key.id = DocId::parse("two words").value();
    c.c.stored.letter = letter();
    CHECK_THAT(conclude(c.d, c.c).sentence, Contains(R"(`halcyon retry shop.products '"two words"'`)"));
}

TEST_CASE("the ring of events forgets the oldest and keeps the order") {
    Recent ring(3);
    const DocumentKey other{{"shop", "products"}, DocId::parse("6").value()};
    const CollectionName name("products");
    ring.add(key, nullptr, Happened::changed, version(1), {1});
    ring.add(other, nullptr, Happened::changed, version(2), {2});
    ring.add(key, &name, Happened::embedded_and_written, version(1), {3});
    REQUIRE(ring.of(key).size() == 2);
    CHECK(ring.of(key)[0].what == Happened::changed);
    CHECK(ring.of(key)[1].collection == &name);
    ring.add(key, nullptr, Happened::deleted, version(4), {4});
    REQUIRE(ring.of(key).size() == 2);
    CHECK(ring.of(key)[0].at == WallTime{3});
    CHECK(ring.of(key)[1].what == Happened::deleted);
    CHECK(ring.of(other).size() == 1);
    ring.add(key, nullptr, Happened::changed, version(5), {5});
    CHECK(ring.of(other).empty());
}
