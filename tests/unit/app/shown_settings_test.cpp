#include <catch2/catch.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "app/shown_settings.hpp"

namespace halcyon::app {
namespace {

using settings::Shape;

const std::string file = R"(
mongodb: { uri: "mongodb://reader:uri-s3cret@db.example:27017/?replicaSet=rs0" }
qdrant: { url: "http://search:qdrant-s3cret@qdrant.example:6333/under", api_key: "${KEY}" }
embedders:
  default: { type: openai, model: m, api_key: embedder-s3cret, url: "https://e.example/v1?key=embedder-s3cret" }
collections:
  products: { payload_indexes: { price: float, text: { type: text, tokenizer: word } } }
routes:
  - from: shop.products
    to: products
    text: [name, description]
    chunk: { by: words, size: 220 }
    payload: [name, { field: updatedAt, as: updated_at }]
    filter: { status: active }
  - { from: shop.articles, to: articles, text: "{{title}}" }
http:
  tokens: [{ name: ops, role: operator, token: operator-s3cret-0123 }]
)";

LoadedSettings loaded() {
    auto out = read_settings("test.yaml", file, {{"KEY", "variable-s3cret"}});
    for (const auto& m : out.mistakes) UNSCOPED_INFO(m.path << ": " << m.text);
    REQUIRE(out.mistakes.empty());
    return out;
}

std::map<std::string, settings::Shown> by_path(const AppSettings& s) {
    std::map<std::string, settings::Shown> out;
    for (const auto& row : s.shown) REQUIRE(out.emplace(row.path, row).second);
    return out;
}

/// "routes[1].from" and "embedders.default.url" as the table knows them: without index, the name as *.
std::string general(std::string path, const std::vector<settings::FieldDoc>& fields) {
    const auto dot = path.find_first_of(".[");
    const auto name = path.substr(0, dot);
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
    REQUIRE(field != fields.end());
    if (dot == std::string::npos) return name;
    auto rest = path.substr(dot + 1);
    const auto& shape = field->shape;
    if (shape.kind == Shape::Kind::object) return name + "." + general(rest, *shape.fields);
    // A list's index or a map's name.
    const auto end = std::min(rest.find('.'), rest.size());
    if (end == rest.size()) return name + ".*";
    return name + ".*." + general(rest.substr(end + 1), *shape.item->fields);
}

void all_paths(const std::vector<settings::FieldDoc>& fields, const std::string& before,
               std::vector<std::string>& out) {
    for (const auto& f : fields) {
        const auto path = before + f.name;
        if (f.shape.kind == Shape::Kind::object && path != "routes.*.chunk")
            all_paths(*f.shape.fields, path + ".", out);
        else if (f.shape.item && f.shape.item->kind == Shape::Kind::object)
            all_paths(*f.shape.item->fields, path + ".*.", out);
        else
            out.push_back(path);
    }
}

TEST_CASE("every setting of the table is shown") {
    const auto s = loaded().settings;
    std::vector<std::string> expected, shown;
    all_paths(settings_table(), "", expected);
    for (const auto& row : s.shown) shown.push_back(general(row.path, settings_table()));
    REQUIRE(expected.size() > 80);
    for (const auto& path : expected) {
        INFO(path);
        const bool there = std::any_of(shown.begin(), shown.end(),
                                       [&](const auto& p) { return p == path || p.starts_with(path + "."); });
        CHECK(there);
    }
}

TEST_CASE("no secret is shown, wherever it stands") {
    auto s = loaded().settings;
    for (const auto& row : s.shown) {
        INFO(row.path << ": " << row.value);
        CHECK(row.value.find("s3cret") == std::string::npos);
        CHECK(row.value.find("reader") == std::string::npos);
    }
    CHECK(settings_json(s).find("s3cret") == std::string::npos);
    const auto rows = by_path(s);
    for (const auto* path :
         {"mongodb.uri", "qdrant.api_key", "embedders.default.api_key", "http.tokens[0].token"}) {
        INFO(path);
        CHECK(rows.at(path).value == "***");
        CHECK(rows.at(path).set);
    }
    CHECK(rows.at("qdrant.url").value == R"("http://***@qdrant.example:6333/under")");
    CHECK(rows.at("embedders.default.url").value == R"("https://e.example/v1?key=***")");
}

TEST_CASE("values are shown as a file writes them, and whether they were set") {
    const auto rows = by_path(loaded().settings);
    const auto is = [&](const std::string& path, const std::string& value, bool set) {
        INFO(path);
        REQUIRE(rows.contains(path));
        CHECK(rows.at(path).value == value);
        CHECK(rows.at(path).set == set);
    };
    is("memory", "256MiB", false);
    is("mongodb.snapshot.mode", "initial", false);
    is("embedders.default.model", "m", true);
    is("embedders.default.batch.wait", "20ms", false);
    is("collections.products.payload_indexes.price", "float", true);
    is("collections.products.embedder", "default", false);
    is("collections.articles.distance", "Cosine", false);
    is("collections.articles.payload_indexes", "", false);
    is("routes[0].from", "shop.products", true);
    is("routes[0].text", "[name, description]", true);
    is("routes[0].chunk.size", "220", true);
    is("routes[0].chunk.overlap", "40", false);
    is("routes[0].payload", "[name, { field: updatedAt, as: updated_at }]", true);
    is("routes[1].text", R"("{{title}}")", true);
    is("routes[1].chunk", "", false);
    is("http.listen", R"("127.0.0.1:8686")", false);
    is("http.tokens[0].name", "ops", true);
    is("http.tokens[0].role", "operator", true);
    is("http.ready.lag", "5m", false);
    is("http.tls.key", "", false);
    is("retry.backoff.factor", "2", false);
}

TEST_CASE("a secret that comes from a file is masked, and its file is named") {
    const auto path = std::string(HALCYON_SOURCE_DIR) + "/conf/quickstart.yaml";
    const auto out = read_settings("test.yaml",
                                   "mongodb: { uri: mongodb://h }\nqdrant: { api_key_file: " + path +
                                       " }\nembedders: { default: { type: lexical } }\n"
                                       "routes: [{ from: a.b, to: c, text: [d] }]\n",
                                   {});
    REQUIRE(out.mistakes.empty());
    const auto rows = by_path(out.settings);
    CHECK(rows.at("qdrant.api_key").value == "***");
    CHECK_FALSE(rows.at("qdrant.api_key").set);
    CHECK(rows.at("qdrant.api_key_file").value.find("quickstart.yaml") != std::string::npos);
    CHECK(rows.at("qdrant.api_key_file").set);
    CHECK(rows.at("http.tokens").value.empty());
}

TEST_CASE("the reply is JSON with file and settings") {
    const auto s = loaded().settings;
    const auto reply = boost::json::parse(settings_json(s)).as_object();
    CHECK(reply.at("file") == "test.yaml");
    REQUIRE(reply.at("settings").as_array().size() == s.shown.size());
    CHECK(reply.at("settings").as_array()[0].as_object().at("path") == "mongodb.uri");
}

}  // namespace
}  // namespace halcyon::app
