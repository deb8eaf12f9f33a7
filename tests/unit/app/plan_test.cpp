// What a run would do, counted.
#include "app/plan.hpp"

#include <catch2/catch.hpp>

using namespace halcyon;
using namespace halcyon::app;
using Catch::Contains;

namespace {

render::Route route(std::optional<render::ChunkOptions> chunk = {}) {
    render::RouteOptions o;
    o.from = {"shop", "products"};
    o.to = CollectionName("products");
    o.filter = R"({"active":true})";
    o.text_fields = {"name"};
    o.payload = std::vector<render::PayloadField>{{"price", "", false}};
    o.chunk = std::move(chunk);
    return render::Route::compile(o, "lexical 1", 16, Distance::cosine).value();
}

Document document(const std::string& json) { return Document::from_json(json).value(); }

Receipt receipt_of(const render::Route& r, const Document& d) {
    const auto wanted = r.want(d).value();
    Receipt receipt;
    receipt.version.epoch = 1;
    receipt.text = wanted.text_digest;
    receipt.payload = wanted.payload_digest;
    receipt.chunks = 1;
    return receipt;
}

const auto desk = R"({"_id":1,"name":"desk","price":5,"active":true})";

EmbedderLimits limits(std::size_t texts, std::size_t bytes) {
    EmbedderLimits l;
    l.texts = texts;
    l.bytes = bytes;
    return l;
}

}  // namespace

TEST_CASE("a new document is embedded, and its characters are counted, not its bytes") {
    RouteTally tally(route(), {});
    tally.add(document(R"({"_id":1,"name":"größe😀","active":true})"), {});
    const auto plan = tally.finish();
    CHECK(plan.from == "shop.products");
    CHECK(plan.to == "products");
    CHECK(plan.documents == 1);
    CHECK(plan.embed == 1);
    CHECK(plan.texts == 1);
    CHECK(plan.characters == 6);
    CHECK(plan.tokens() == 2);
    CHECK(plan.requests == 1);
}

TEST_CASE("what is held already costs nothing") {
    const auto r = route();
    RouteTally tally(r, {});
    tally.add_held();
    tally.add(document(desk), receipt_of(r, document(desk)));
    const auto plan = tally.finish();
    CHECK(plan.unchanged == 1);
    CHECK(plan.embed + plan.payload_only + plan.remove + plan.left_out + plan.texts == 0);
}

TEST_CASE("another payload is no other text") {
    const auto r = route();
    RouteTally tally(r, {});
    tally.add_held();
    tally.add(document(R"({"_id":1,"name":"desk","price":6,"active":true})"), receipt_of(r, document(desk)));
    const auto plan = tally.finish();
    CHECK(plan.payload_only == 1);
    CHECK(plan.texts == 0);
}

TEST_CASE("a tombstone holds nothing") {
    const auto r = route();
    auto dead = receipt_of(r, document(desk));
    dead.deleted = true;
    RouteTally tally(r, {});
    tally.add(document(desk), dead);
    CHECK(tally.finish().embed == 1);
}

TEST_CASE("held documents that left the filter or the source are to be removed") {
    const auto r = route();
    RouteTally tally(r, {});
    for (int i = 0; i < 3; ++i) tally.add_held();
    tally.add(document(R"({"_id":1,"name":"desk"})"), receipt_of(r, document(desk)));
    tally.add(document(R"({"_id":2,"name":"desk"})"), {});
    const auto plan = tally.finish();
    CHECK(plan.left_out == 2);
    CHECK(plan.remove == 3);  // one met, two gone
    CHECK(plan.embed == 0);
}

TEST_CASE("chunks fill requests by number and by bytes") {
    const render::ChunkOptions pairs{render::ChunkOptions::By::words, 2, 0, ""};
    const auto six = document(R"({"_id":1,"name":"aa bb cc dd ee ff gg hh ii jj kk ll","active":true})");
    RouteTally by_number(route(pairs), limits(4, 1 << 20));
    by_number.add(six, {});
    auto plan = by_number.finish();
    CHECK(plan.texts == 6);
    CHECK(plan.requests == 2);
    CHECK(plan.characters == 30);
    RouteTally by_bytes(route(pairs), limits(100, 11));
    by_bytes.add(six, {});
    CHECK(by_bytes.finish().requests == 3);
    RouteTally too_small(route(pairs), limits(100, 1));
    too_small.add(six, {});
    CHECK(too_small.finish().requests == 6);
}

TEST_CASE("a document that cannot be rendered is counted apart") {
    const std::string endless(9 << 20, 'x');
    RouteTally tally(route(), {});
    tally.add(document(R"({"_id":1,"active":true,"name":")" + endless + "\"}"), {});
    const auto plan = tally.finish();
    CHECK(plan.refused == 1);
    CHECK(plan.embed == 0);
}

TEST_CASE("guards are named before they stop a run") {
    pipeline::PipelineOptions options;
    options.max_embeddings = 10;
    options.max_delete_share = 0.05;
    options.max_delete_free = 100;
    RoutePlan a, b;
    a.texts = b.texts = 6;
    const auto notes = warnings({a, b}, options, true);
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes[0], Contains("12 texts") && Contains("max_embeddings (10)") && Contains("apply --yes"));
    b.texts = 4;
    CHECK(warnings({a, b}, options, true).empty());
    options.max_embeddings = 0;
    a.texts = 1'000'000;
    CHECK(warnings({a}, options, true).empty());
    a.held = 2000, a.remove = 101;
    CHECK_THAT(warnings({a}, options, true).at(0), Contains("max_delete_share"));
    a.remove = 100;
    CHECK(warnings({a}, options, true).empty());
    a.held = 4000, a.remove = 200;
    CHECK(warnings({a}, options, true).empty());
    CHECK_THAT(warnings({a}, options, false).at(0), Contains("no state"));
    options.snapshot = false;
    CHECK_THAT(warnings({a}, options, true).at(0), Contains("never"));
}

TEST_CASE("a changed route is said with the tokens of its row") {
    RoutePlan a;
    a.from = "shop.products", a.to = "products", a.characters = 40'000;
    std::vector<pipeline::RouteChange> changes(2);
    changes[0].from = {"shop", "products"};
    changes[0].to = changes[1].to = CollectionName("products");
    changes[0].kind = pipeline::RouteChange::Kind::changed;
    changes[0].parts = {"text"};
    changes[0].documents = 100;
    changes[0].embeds = true;
    changes[1].from = {"shop", "old"};
    changes[1].kind = pipeline::RouteChange::Kind::gone;
    add_cost({a}, &changes);
    CHECK_FALSE(changes[1].tokens);
    CHECK_THAT(plan_text({a}, changes, {}),
               Contains("text changed; 100 documents to embed again, about 10 k tokens"));
    CHECK_THAT(plan_json({a}, changes, {}, true), Contains(R"("tokens":10000)"));
}

TEST_CASE("the table has a total where there is more than one route") {
    RoutePlan a;
    a.from = "shop.products", a.to = "products", a.documents = 1200, a.texts = 7;
    const pipeline::RouteChange gone{{"shop", "old"},
                                     CollectionName("products"),
                                     pipeline::RouteChange::Kind::gone,
                                     {},
                                     false,
                                     true,
                                     3000};
    CHECK_THAT(plan_text({a}, {}, {}),
               Contains("shop.products -> products") && Contains("1,200") && !Contains("total"));
    CHECK_THAT(plan_text({a, a}, {gone}, {"careful"}),
               Contains("total") && Contains("2,400") && Contains("note: careful") &&
                   Contains("settings: shop.old -> products: the route is gone, 3000 documents are orphans"));
    CHECK_THAT(plan_json({a, a}, {gone}, {"careful"}, true),
               Contains(R"("compared":true)") && Contains(R"("total":{"documents":2400)") &&
                   Contains(R"("warnings":["careful"])") && Contains(R"("kind":"gone")"));
}
