#include "pipeline/decide/route_changes.hpp"

#include <catch2/catch.hpp>

using namespace halcyon;
using namespace halcyon::pipeline;

namespace {

const Namespace items{"shop", "items"};
const Namespace old{"shop", "old"};
const CollectionName products("products");
const std::vector<std::pair<Namespace, CollectionName>> known{{items, products}, {old, products}};

render::RouteOptions options() {
    render::RouteOptions o;
    o.from = items;
    o.to = products;
    o.text = "{{name}}";
    return o;
}

render::Route route(const render::RouteOptions& o, std::string_view embedder = "lexical 1",
                    std::uint32_t dimension = 384) {
    return render::Route::compile(o, embedder, dimension, Distance::cosine).value();
}

/// The only change of `now` against what was stored of `options()`.
RouteChange change(const render::Route& now) {
    const auto found = route_changes(notes_of(route(options())), {{items, products}}, {now});
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == RouteChange::Kind::changed);
    return found[0];
}

}  // namespace

TEST_CASE("a first start and settings that are the same change nothing") {
    CHECK(route_changes({}, {}, {route(options())}).empty());
    CHECK(route_changes(notes_of(route(options())), {{items, products}}, {route(options())}).empty());
}

TEST_CASE("a scan of before parts were stored is no change") {
    CHECK(route_changes({}, {{items, products}}, {route(options())}).empty());
    CHECK(route_changes(no_notes(items, products), {{items, products}}, {route(options())}).empty());
}

TEST_CASE("each part of a route that changed is named, with what follows") {
    auto text = options();
    text.text = "{{title}}";
    CHECK(change(route(text)).parts == std::vector<std::string>{"text"});
    CHECK(change(route(text)).embeds);
    auto fields = options();
    fields.text_fields = {"name"};
    CHECK(change(route(fields)).parts == std::vector<std::string>{"text"});
    auto chunk = options();
    chunk.chunk = render::ChunkOptions{};
    CHECK(change(route(chunk)).parts == std::vector<std::string>{"chunk"});
    CHECK(change(route(options(), "openai m")).parts == std::vector<std::string>{"embedder"});
    CHECK(change(route(options(), "lexical 1", 256)).parts == std::vector<std::string>{"embedder"});
    auto filter = options();
    filter.filter = R"({"a": 1})";
    CHECK(change(route(filter)).parts == std::vector<std::string>{"filter"});
    CHECK_FALSE(change(route(filter)).embeds);
    auto payload = options();
    payload.payload = std::vector<render::PayloadField>{{"price", "", false}};
    CHECK(change(route(payload)).parts == std::vector<std::string>{"payload"});
    CHECK_FALSE(change(route(payload)).embeds);
    filter.text = "{{title}}";
    CHECK(change(route(filter)).parts == std::vector<std::string>{"text", "filter"});
}

TEST_CASE("a route that is gone leaves orphans where another one leads, and is left alone elsewhere") {
    auto found = route_changes({}, known, {route(options())});
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == RouteChange::Kind::gone);
    CHECK(found[0].from == old);
    CHECK(found[0].collection_is_used);
    found[0].documents = 3000;
    CHECK(sentence(found[0]) ==
          "shop.old -> products: the route is gone, 3000 documents are orphans; `halcyon apply --orphans "
          "--yes` "
          "removes them");
    auto elsewhere = options();
    elsewhere.to = CollectionName("other");
    for (const auto& c : route_changes({}, known, {route(elsewhere)})) {
        if (c.kind == RouteChange::Kind::added) continue;
        CHECK_FALSE(c.collection_is_used);
        CHECK(sentence(c).find("delete it in Qdrant") != std::string::npos);
    }
}

TEST_CASE("what changed is said with what it costs") {
    auto text = options();
    text.text = "{{title}}";
    auto c = change(route(text));
    c.documents = 12340;
    CHECK(sentence(c) == "shop.items -> products: text changed; 12340 documents to embed again");
    c.tokens = 2'130'000;
    CHECK(sentence(c) ==
          "shop.items -> products: text changed; 12340 documents to embed again, about 2.1 M tokens");
    c.tokens = 999'499;
    CHECK_THAT(sentence(c), Catch::Matchers::EndsWith("again, about 999 k tokens"));
    c.tokens = 17;
    CHECK_THAT(sentence(c), Catch::Matchers::EndsWith("again, about 17 tokens"));
    auto other = options();
    other.from = {"shop", "more"};
    const auto found =
        route_changes(notes_of(route(options())), {{items, products}}, {route(options()), route(other)});
    REQUIRE(found.size() == 1);
    CHECK(sentence(found[0]) == "shop.more -> products: a new route, its documents are read and embedded");
}
