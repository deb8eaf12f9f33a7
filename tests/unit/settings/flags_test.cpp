// One route from flags alone.
#include <catch2/catch.hpp>

#include "app/route_flags.hpp"
#include "unit/settings/support.hpp"

using halcyon::app::read_flags;
using halcyon::app::RouteFlags;
using halcyon::testing::messages;
using Messages = std::vector<std::string>;

namespace {

RouteFlags flags(std::string from, std::string text) {
    RouteFlags f;
    f.from = std::move(from);
    f.text = std::move(text);
    return f;
}

}  // namespace

TEST_CASE("two flags are a whole route, the rest has defaults that are said") {
    const auto loaded = read_flags(flags("shop.products", "name, description"), {});
    CHECK(messages(loaded).empty());
    const auto& s = loaded.settings;
    CHECK(s.mongodb.uri == "mongodb://127.0.0.1:27017/?replicaSet=rs0");
    CHECK(s.qdrant.url == "http://127.0.0.1:6333");
    CHECK(s.embedders.at("default").type == "lexical");
    CHECK(s.state.path == "./halcyon-state");
    REQUIRE(s.pipeline.routes.size() == 1);
    const auto& route = s.pipeline.routes[0];
    CHECK(route.from.text() == "shop.products");
    CHECK(route.to.value() == "products");
    CHECK(route.text_fields == Messages{"name", "description"});
    CHECK_FALSE(route.payload);
    CHECK(loaded.notes ==
          Messages{"from flags, without a settings file: shop.products -> products, embedder lexical, state "
                   "in ./halcyon-state (--state PATH puts it elsewhere)"});
}

TEST_CASE("every flag has its place in the settings") {
    auto f = flags("shop.blog.posts", "{{title}}\\n{{seller.city}}");
    f.mongodb = "mongodb://ann:secret@db/?replicaSet=r";
    f.qdrant = "https://q:6333";
    f.to = "articles";
    f.payload = "title,price";
    f.embedder = "ollama";
    f.state = "/tmp/here";
    f.listen = "127.0.0.1:0";
    const auto loaded = read_flags(f, {{"XDG_STATE_HOME", "/home/ann/.local/state"}});
    CHECK(messages(loaded).empty());
    const auto& s = loaded.settings;
    CHECK(s.mongodb.uri == *f.mongodb);
    CHECK(loaded.secrets == Messages{*f.mongodb});
    CHECK(s.qdrant.url == *f.qdrant);
    CHECK(s.embedders.at("default").type == "ollama");
    CHECK(s.embedders.at("default").model == "nomic-embed-text");
    CHECK(s.state.path == "/tmp/here");
    CHECK(s.http.listen == "127.0.0.1:0");
    const auto& route = s.pipeline.routes.at(0);
    CHECK(route.from.collection == "blog.posts");
    CHECK(route.to.value() == "articles");
    CHECK(route.text == "{{title}}\n{{seller.city}}");
    REQUIRE(route.payload);
    CHECK(route.payload->size() == 2);
    CHECK(route.payload->at(1).field == "price");
}

TEST_CASE("a collection with dots in its name gives its whole name to Qdrant's") {
    CHECK(read_flags(flags("shop.blog.posts", "title"), {}).settings.pipeline.routes.at(0).to.value() ==
          "blog.posts");
}

TEST_CASE("the environment fills what flags leave out, as it does for files") {
    auto f = flags("shop.products", "name");
    f.embedder = "openai";
    const auto loaded = read_flags(f, {{"MONGODB_URI", "mongodb://old/?replicaSet=r"},
                                       {"QDRANT_URL", "http://old:6333"},
                                       {"QDRANT_API_KEY", "q"},
                                       {"EMBEDDING_SERVICE_URL", "http://embed"},
                                       {"OPENAI_API_KEY", "o"},
                                       {"XDG_STATE_HOME", "/home/ann/.local/state"}});
    CHECK(messages(loaded).empty());
    CHECK(loaded.settings.mongodb.uri == "mongodb://old/?replicaSet=r");
    CHECK(loaded.settings.qdrant.url == "http://old:6333");
    CHECK(loaded.settings.qdrant.api_key == "q");
    CHECK(loaded.settings.embedders.at("default").url == "http://embed");
    CHECK(loaded.settings.embedders.at("default").api_key == "o");
    CHECK(loaded.settings.embedders.at("default").model == "text-embedding-3-small");
    CHECK(loaded.settings.state.path == "/home/ann/.local/state/halcyon");
    CHECK(loaded.notes.front() ==
          "from the environment, since the settings leave it out: MONGODB_URI, QDRANT_URL, QDRANT_API_KEY, "
          "EMBEDDING_SERVICE_URL");
}

TEST_CASE("a flag wins over the environment, and a relative XDG_STATE_HOME means nothing") {
    auto f = flags("shop.products", "name");
    f.mongodb = "mongodb://new/?replicaSet=r";
    f.qdrant = "http://new:6333";
    const auto loaded = read_flags(
        f, {{"MONGODB_URI", "mongodb://old/"}, {"QDRANT_URL", "http://old"}, {"XDG_STATE_HOME", "relative"}});
    CHECK(loaded.settings.mongodb.uri == *f.mongodb);
    CHECK(loaded.settings.qdrant.url == *f.qdrant);
    CHECK(loaded.settings.state.path == "./halcyon-state");
}

TEST_CASE("mistakes name the flag, in the words that files get") {
    auto f = flags("products", "name,,price");
    f.qdrant = "q:6333";
    f.to = "a/b";
    f.payload = "price,price";
    f.embedder = "openal";
    const auto all = messages(read_flags(f, {}));
    CHECK(all ==
          Messages{
              "--embedder: embedders.default.type: \"openal\" is no embedder type (openai, tei, ollama, "
              "lexical); did you mean openai?",
              "--from: routes[0].from: \"products\" is no namespace (database and collection are "
              "joined by a dot); it looks like shop.products",
              "--qdrant: qdrant.url: must begin with http:// or https://",
              "--text: routes[0].text: is empty, e.g. text: \"{{name}}\" or text: [name, description]",
              "--to: routes[0].to: \"a/b\" can't name a collection: 1 to 240 bytes without < > : \" / "
              "\\ | ? *",
          });
    CHECK(messages(read_flags(
                       [] {
                           auto twice = flags("shop.products", "name");
                           twice.payload = "price,price";
                           return twice;
                       }(),
                       {}))
              .at(0)
              .starts_with("--payload: routes[0].payload: "));
}

TEST_CASE("what a single flag leaves open is one mistake for each of the other two") {
    RouteFlags f;
    f.qdrant = "http://q:6333";
    CHECK(f.given());
    CHECK(messages(read_flags(f, {})) ==
          Messages{"--from: routes[0].from: \"\" is no namespace (database and collection are joined by a "
                   "dot); it looks like shop.products",
                   "--text: routes[0].text: is empty, e.g. text: \"{{name}}\" or text: [name, description]"});
    CHECK_FALSE(RouteFlags{}.given());
}

TEST_CASE("a malformed connection string never shows its password") {
    auto f = flags("shop.products", "name");
    f.mongodb = "mongodb://ann:s3cr3t@@";
    const auto all = messages(read_flags(f, {}));
    REQUIRE(all.size() == 1);
    CHECK(all[0].starts_with("--mongodb: mongodb.uri: "));
    CHECK(all[0].find("s3cr3t") == std::string::npos);
}
