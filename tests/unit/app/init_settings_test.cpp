// The settings file that init writes, its estimates and its questions.
#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <deque>

#include "app/init/dialogue.hpp"
#include "app/init/estimate.hpp"
#include "app/init/report.hpp"
#include "app/init/settings_text.hpp"
#include "app/settings.hpp"

using namespace halcyon;
using namespace halcyon::app;
using namespace halcyon::app::init;
using Names = std::vector<std::string>;
using Catch::Contains;

namespace {

RouteProposal products() {
    RouteProposal r;
    r.from = {"shop", "products"};
    r.to = "products";
    r.documents = 12'345;
    r.average_bytes = 1'500;
    r.sampled = 200;
    r.text = {"name", "description"};
    r.payload = {{"name", "", false}, {"price", "float", false}, {"at", "geo", true}};
    r.left_out = {{"may be secret", {"password"}}, {"personal data", {"email", "phone"}}};
    return r;
}

Proposal proposal() {
    Proposal p;
    p.mongodb = "mongodb://127.0.0.1:27017/?replicaSet=rs0";
    p.qdrant = "http://127.0.0.1:6333";
    p.routes = {products()};
    return p;
}

/// Read without an environment, as it is before it is written.
AppSettings accepted(const Proposal& p) {
    const auto text = settings_text(p);
    INFO(text);
    const auto loaded = read_settings("halcyon.yaml", text, {});
    for (const auto& m : loaded.mistakes) UNSCOPED_INFO(m.message());
    REQUIRE(loaded.mistakes.empty());
    return loaded.settings;
}

/// Answers in order; then none.
Ask answers(std::deque<std::string> lines, std::string* asked = nullptr) {
    return [lines, asked](const std::string& question) mutable -> std::optional<std::string> {
        if (asked != nullptr) *asked += question + "\n";
        if (lines.empty()) return {};
        auto line = lines.front();
        lines.pop_front();
        return line;
    };
}

}  // namespace

TEST_CASE("the file says what was found, in the words of settings") {
    auto p = proposal();
    p.routes[0].chunk = true;
    p.not_routed = {{"shop.logs", "no text, only n"}};
    CHECK(settings_text(p) ==
          R"(# Written by halcyon init from a look at what is in MongoDB. Every other setting is explained in
# conf/halcyon.yaml.
mongodb:
  uri: "${MONGODB_URI:-mongodb://127.0.0.1:27017/?replicaSet=rs0}"
qdrant:
  url: "${QDRANT_URL:-http://127.0.0.1:6333}"
  api_key: "${QDRANT_API_KEY:-}"
embedders:
  # Finds words, asks no model, costs nothing. openai, tei and ollama ask one and find meanings.
  default: { type: lexical }
# Fields that searches may filter by; each index takes memory in Qdrant.
collections:
  products:
    payload_indexes: { price: float, at: geo }
routes:
  # About 12,345 documents of 1.5 KiB; 200 were looked at.
  - from: shop.products
    to: products
    text: [name, description]
    # Many texts are long: each becomes several points, each with its own piece.
    chunk: { by: words, size: 220, overlap: 40, text_as: chunk_text }
    # Left out: password (may be secret); email, phone (personal data).
    payload: [name, price, { field: at, geo: true }]
  # Not here: shop.logs (no text, only n).
state:
  # What halcyon remembers; on a local disk.
  path: ./halcyon-state
)");
    const auto s = accepted(p);
    const auto& route = s.pipeline.routes.at(0);
    CHECK(route.text_fields == Names{"name", "description"});
    CHECK(route.chunk->text_as == "chunk_text");
    CHECK(route.payload->at(2).geo);
    CHECK(s.pipeline.collections.at(0).spec.payload_indexes.size() == 2);
    CHECK(s.mongodb.uri == p.mongodb);
}

TEST_CASE("every embedder is written so that it is accepted, and never with a key") {
    for (const auto* type : {"lexical", "openai", "tei", "ollama"}) {
        auto p = proposal();
        p.embedder = type;
        CHECK(accepted(p).embedders.at("default").type == type);
    }
}

TEST_CASE("a password is not written, and what to do about it is") {
    auto p = proposal();
    p.mongodb = "mongodb://ann:s3cr3t@db.example:27017/shop?replicaSet=rs0&authSource=admin";
    const auto text = settings_text(p);
    CHECK(text.find("s3cr3t") == std::string::npos);
    CHECK_THAT(text, Contains("set MONGODB_URI to the whole connection string"));
    CHECK(accepted(p).mongodb.uri == "mongodb://ann@db.example:27017/shop?replicaSet=rs0&authSource=admin");
    CHECK_THAT(next_steps(p, "halcyon.yaml", false), Contains("export MONGODB_URI"));
    CHECK_THAT(next_steps(p, "halcyon.yaml", true), !Contains("export") && Contains("MONGODB_URI"));
    CHECK(report_json(p, "halcyon.yaml", {}, {}).find("s3cr3t") == std::string::npos);
}

TEST_CASE("a brace in a connection string does not end the variable's default") {
    auto p = proposal();
    p.mongodb = "mongodb://127.0.0.1:27017/?replicaSet=rs0&appName=a}b";
    CHECK(accepted(p).mongodb.uri == "mongodb://127.0.0.1:27017/?replicaSet=rs0&appName=a%7Db");
}

TEST_CASE("a connection string keeps all but its secrets") {
    const std::vector<std::pair<std::string, std::string>> secret{
        {"mongodb://ann:p@h/", "mongodb://ann@h/"},
        {"mongodb://ann:@h", "mongodb://ann@h"},
        {"mongodb+srv://ann:p%40x@h/?w=1", "mongodb+srv://ann@h/?w=1"},
        {"mongodb://h/?tlsCertificateKeyFilePassword=x&tls=true", "mongodb://h/?tls=true"},
        {"mongodb://h/?tlsCertificateKeyFilePassword=x", "mongodb://h/"},
        {"mongodb://h/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:x",
         "mongodb://h/?authMechanism=MONGODB-AWS"},
        {"mongodb://h/?authMechanismProperties=aws_session_token:x", "mongodb://h/"}};
    for (const auto& [given, kept] : secret) {
        CHECK(public_uri(given).text == kept);
        CHECK(public_uri(given).had_secrets);
    }
    for (const auto* open : {"mongodb://h:27017,i:27018/?replicaSet=r", "mongodb://ann@h/",
                             "mongodb://h:27017/?appName=a@b", "mongodb+srv://h/d"}) {
        CHECK(public_uri(open).text == open);
        CHECK_FALSE(public_uri(open).had_secrets);
    }
}

TEST_CASE("names of any kind are written so that they are read as they are") {
    for (const std::string name : {"yes", "null", "on", "a b", "a: b", "# c", "[x", "a\"b\\c", "größe", "5e3",
                                   "${HOME}", "a\tb", "-", "{{x}}", "~", "a,b", "*x", "&x"}) {
        auto p = proposal();
        p.routes[0].from = {"shop", name};
        std::vector<RouteProposal> named{p.routes[0]};
        name_targets(named);
        p.routes[0].to = named[0].to;
        p.routes[0].text = {name};
        p.routes[0].payload = {{name, "", false}, {"n", "integer", false}};
        p.routes[0].more_text = {name};
        p.not_routed = {{"shop." + name, "why\nnot"}};
        INFO(name);
        const auto s = accepted(p);
        const auto& route = s.pipeline.routes.at(0);
        CHECK(route.from.collection == name);
        CHECK(route.to.value() == p.routes[0].to);
        CHECK(route.text_fields == Names{name});
        CHECK(route.payload->at(0).field == name);
        CHECK(s.pipeline.collections.at(0).spec.payload_indexes.size() == 1);
    }
}

TEST_CASE("many fields are written in lines that a person can read") {
    auto p = proposal();
    p.routes[0].payload.clear();
    for (int i = 0; i < 24; ++i)
        p.routes[0].payload.push_back({fmt::format("a_rather_long_name_{}", i), "integer", false});
    const auto text = settings_text(p);
    for (std::size_t from = 0; from < text.size();) {
        const auto end = text.find('\n', from);
        CHECK(end - from <= 112);
        from = end + 1;
    }
    CHECK(accepted(p).pipeline.routes.at(0).payload->size() == 24);
}

TEST_CASE("a payload that has a chunk_text of its own keeps it") {
    auto p = proposal();
    p.routes[0].chunk = true;
    p.routes[0].payload = {{"chunk_text", "", false}};
    CHECK(accepted(p).pipeline.routes.at(0).chunk->text_as.empty());
}

TEST_CASE("what a sample costs is stretched to all documents, and exact where it is all of them") {
    render::RouteOptions o;
    o.from = {"shop", "products"};
    o.to = CollectionName("products");
    o.text_fields = {"name"};
    const auto route = render::Route::compile(o, "lexical 1", 16, Distance::cosine).value();
    std::vector<Document> sample;
    for (int i = 0; i < 10; ++i)
        sample.push_back(Document::from_json(i < 8 ? R"({"name":"abcdefgh"})" : R"({"n":1})").value());
    EmbedderLimits limits;
    limits.texts = 64;
    limits.bytes = 1'000;
    const auto all = estimate(route, limits, sample, 10);
    CHECK(all.documents == 10);
    CHECK(all.texts == 8);
    CHECK(all.left_out == 2);
    CHECK(all.requests == 1);
    const auto more = estimate(route, limits, sample, 1'000);
    CHECK(more.documents == 1'000);
    CHECK(more.texts == 800);
    CHECK(more.left_out == 200);
    CHECK(more.characters == 6'400);
    CHECK(more.tokens() == 1'600);
    CHECK(more.requests == 13);  // 800 texts of at most 64, whose 6,400 bytes fit into 7
    limits.bytes = 100;
    CHECK(estimate(route, limits, sample, 1'000).requests == 64);
    CHECK(estimate(route, limits, {}, 0).documents == 0);
}

TEST_CASE("an empty line takes the default, and the end of the input nothing") {
    const std::vector<RouteProposal> routes{products(), products(), products()};
    CHECK(ask_routes(routes, answers({""})) == std::vector<std::size_t>{0, 1, 2});
    CHECK(ask_routes(routes, answers({})) == std::nullopt);
    CHECK(ask_text(products(), {"name", "size"}, answers({" "})) == Names{"name", "description"});
    CHECK(ask_text(products(), {"name"}, answers({})) == std::nullopt);
    CHECK(ask_overwrite("halcyon.yaml", answers({""})) == false);
    CHECK(ask_overwrite("halcyon.yaml", answers({})) == std::nullopt);
}

TEST_CASE("routes are chosen by number, range or name") {
    std::vector<RouteProposal> routes{products(), products(), products(), products()};
    routes[3].from.collection = "articles";
    using Chosen = std::vector<std::size_t>;
    CHECK(ask_routes(routes, answers({"all"})) == Chosen{0, 1, 2, 3});
    CHECK(ask_routes(routes, answers({"3, 1"})) == Chosen{0, 2});
    CHECK(ask_routes(routes, answers({"1-3,2"})) == Chosen{0, 1, 2});
    CHECK(ask_routes(routes, answers({"shop.articles"})) == Chosen{3});
    for (const auto* odd : {"5", "0", "x", "1-9", "1-x", "3-1", "-"}) {
        std::string asked;
        CHECK(ask_routes(routes, answers({odd, "2"}, &asked)) == Chosen{1});
        CHECK_THAT(asked, Contains(fmt::format("\"{}\" is none of 1 to 4", odd)));
    }
}

TEST_CASE("texts are chosen among the strings that were seen") {
    std::string asked;
    CHECK(ask_text(products(), {"name", "size", "description"},
                   answers({"naem", "size,name,size"}, &asked)) == Names{"size", "name"});
    CHECK_THAT(asked, Contains("no string was seen in \"naem\"; did you mean name?"));
    CHECK_THAT(asked, Contains("Enter: name, description"));
}

TEST_CASE("names that others gave cannot steer the terminal") {
    auto p = proposal();
    auto& r = p.routes[0];
    r.from.collection = "a\x1b[2J";
    r.text = {"b\x1b]0;c\x07"};
    r.left_out = {{"internal", {"_d\x1b[m"}}};
    p.not_routed = {{"shop.e\x1b[m", "no text, only f\x1b[m"}};
    std::string asked;
    ask_text(r, {r.text[0], "g\x1b[m"}, answers({""}, &asked));
    ask_routes({r}, answers({""}, &asked));
    CHECK_THAT(report_text(p, {}, {}) + asked, Contains("a [2J") && !Contains("\x1b"));
}

TEST_CASE("a file is written over only after a clear yes") {
    CHECK(ask_overwrite("halcyon.yaml", answers({"y"})) == true);
    CHECK(ask_overwrite("halcyon.yaml", answers({"no"})) == false);
    CHECK(ask_overwrite("halcyon.yaml", answers({"maybe", "yes"})) == true);
}

TEST_CASE("the next commands name the file where it would not be found") {
    CHECK_THAT(next_steps(proposal(), "halcyon.yaml", false), Contains("halcyon check  ") && !Contains("-c"));
    CHECK_THAT(next_steps(proposal(), "conf/h.yaml", false), Contains("halcyon run -c conf/h.yaml"));
}
