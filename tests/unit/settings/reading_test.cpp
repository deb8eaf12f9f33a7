#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "settings/files.hpp"
#include "unit/settings/support.hpp"

using halcyon::testing::base;
using halcyon::testing::messages;
using halcyon::testing::read;
using namespace std::chrono_literals;

namespace {

/// A folder that goes with the test.
class Folder {
  public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "halcyon-settings-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;  // what is left behind is in the folder for temporary files
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
        return path_ / name;
    }
    std::string path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("every kind of value arrives in its options") {
    const auto loaded = read(R"(mongodb:
  uri: mongodb://db.example/?replicaSet=rs1
  await: 250ms
  snapshot: { mode: never, parallelism: 2 }
qdrant: { url: "https://q.example/base", timeout: 1.5m, request_bytes: 2MiB, ordering: strong }
embedders:
  default: { type: lexical, dimensions: 512 }
  words: { type: tei, url: http://tei, batch: { texts: 8, bytes: 64KiB, wait: 5ms }, timeout: 10s }
collections:
  products:
    embedder: words
    distance: Dot
    vector_name: text
    payload_indexes: { price: float, name: { type: text, min_token_len: 2 } }
    create: { on_disk_payload: true, shard_number: 2, "quoted": "1" }
    adopt: true
routes:
  - from: shop.products.v2
    to: products
    filter: { status: active, price: { $gt: 5 }, _id: { $oid: "0123456789abcdef01234567" } }
    text: "{{name}}\n{{description}}"
    chunk: { by: sentences, size: 100, overlap: 0, text_as: chunk }
    payload: [name, { field: loc, as: place, geo: true }]
    on_drop: keep
  - { from: shop.articles, to: articles, text: [title, body], payload: [] }
guards: { max_embeddings: 0, max_delete_share: 12.5% }
memory: 1GiB
source: eu
pipeline: { ack_window: 2048, drain_timeout: 3s }
log: { level: debug, format: json }
)");
    CHECK(messages(loaded).empty());
    const auto& s = loaded.settings;
    CHECK(s.mongodb.uri == "mongodb://db.example/?replicaSet=rs1");
    CHECK(s.mongodb.await == 250ms);
    CHECK(s.mongodb.source.value() == "eu");
    CHECK(s.qdrant.source.value() == "eu");
    CHECK(s.qdrant.url == "https://q.example/base");
    CHECK(s.qdrant.timeout == 90s);
    CHECK(s.qdrant.request_bytes == 2 * halcyon::MiB);
    CHECK(s.qdrant.ordering == "strong");
    CHECK(s.embedders.at("default").dimensions == 512);
    CHECK(s.embedders.at("words").batch.texts == 8);
    CHECK(s.embedders.at("words").batch.bytes == 64 * halcyon::KiB);
    CHECK(s.embedders.at("words").batch.wait == 5ms);

    const auto& p = s.pipeline;
    CHECK_FALSE(p.snapshot);
    CHECK(p.scan_parallelism == 2);
    CHECK(p.source.value() == "eu");
    CHECK(p.write_timeout == 90s);
    CHECK(p.doubt_window == 180s);
    CHECK(p.write_bytes == 2 * halcyon::MiB);
    CHECK(p.embed_timeout == 60s);
    CHECK(p.max_embeddings == 0);
    CHECK(p.max_delete_share == Approx(0.125));
    CHECK(p.ack_window == 2048);
    CHECK(p.drain_timeout == 3s);

    REQUIRE(p.collections.size() == 2);
    CHECK(p.collections[0].embedder == "words");
    CHECK(p.collections[0].spec.name.value() == "products");
    CHECK(p.collections[0].spec.distance == halcyon::Distance::dot);
    CHECK(p.collections[0].spec.vector_name == "text");
    CHECK(p.collections[0].spec.payload_indexes ==
          std::map<std::string, std::string>{{"price", "float"},
                                             {"name", R"({"type":"text","min_token_len":2})"}});
    CHECK(p.collections[0].spec.create_json == R"({"on_disk_payload":true,"shard_number":2,"quoted":"1"})");
    CHECK(p.collections[0].spec.adopt);
    CHECK(p.collections[1].embedder == "default");
    CHECK(p.collections[1].spec.name.value() == "articles");
    CHECK(p.collections[1].spec.distance == halcyon::Distance::cosine);

    REQUIRE(p.routes.size() == 2);
    const auto& first = p.routes[0];
    CHECK(first.from == halcyon::Namespace{"shop", "products.v2"});
    CHECK(first.filter ==
          R"({"status":"active","price":{"$gt":5},"_id":{"$oid":"0123456789abcdef01234567"}})");
    CHECK(first.text == "{{name}}\n{{description}}");
    CHECK(first.text_fields.empty());
    REQUIRE(first.chunk);
    CHECK(first.chunk->by == halcyon::render::ChunkOptions::By::sentences);
    CHECK(first.chunk->text_as == "chunk");
    REQUIRE(first.payload);
    REQUIRE(first.payload->size() == 2);
    CHECK((*first.payload)[0].field == "name");
    CHECK((*first.payload)[1].as == "place");
    CHECK((*first.payload)[1].geo);
    CHECK(first.on_drop == halcyon::render::RouteOptions::OnDrop::keep);
    const auto& second = p.routes[1];
    CHECK(second.text_fields == std::vector<std::string>{"title", "body"});
    CHECK_FALSE(second.chunk);
    REQUIRE(second.payload);
    CHECK(second.payload->empty());

    CHECK(s.memory == halcyon::GiB);
    CHECK(s.log.level == halcyon::log::Level::debug);
    CHECK(s.log.format == halcyon::log::Format::json);
}

TEST_CASE("a secret comes from a file, trimmed, and is known as one") {
    const Folder folder;
    const auto path = folder.write("key", "  s3cret key\n\n");
    const auto loaded = read(base + "qdrant: { api_key_file: " + path + " }");
    CHECK(messages(loaded).empty());
    CHECK(loaded.settings.qdrant.api_key == "s3cret key");
    CHECK(std::ranges::find(loaded.secrets, "s3cret key") != loaded.secrets.end());
}

TEST_CASE("a secret's file that can't be read, is empty, or goes against the secret is a mistake") {
    const Folder folder;
    const auto at = "halcyon.yaml:3:25: qdrant.api_key_file: ";
    const auto message = [&](const std::string& path) {
        const auto all = messages(read(base + "qdrant: { api_key_file: " + path + " }"));
        return all.size() == 1 ? all[0] : std::to_string(all.size()) + " messages";
    };
    CHECK(message(folder.path() + "/none") ==
          at + folder.path() + "/none can't be read: No such file or directory");
    CHECK(message(folder.path()) == at + folder.path() + " is a folder, not a file");
    const auto empty = folder.write("empty", " \n");
    CHECK(message(empty) == at + empty + " is empty");
    const auto large = folder.write("large", std::string(70'000, 'x'));
    CHECK(message(large) == at + large + " is larger than 64.0 KiB");
    const auto key = folder.write("key", "k");
    CHECK(messages(read(base + "qdrant: { api_key: a, api_key_file: " + key + " }")) ==
          std::vector<std::string>{
              "halcyon.yaml:3:37: qdrant.api_key_file: goes against api_key; keep one of them"});
}

TEST_CASE("no message shows what a variable holds") {
    const halcyon::settings::Environment environment{{"SECRET", "hunter2"}};
    for (const std::string field :
         {"memory: ${SECRET}", "qdrant: { timeout: \"${SECRET}\" }", "log: { level: \"${SECRET}\" }",
          "qdrant: { url: \"${SECRET}\" }", "mongodb: { uri: \"mongodb+x://u:${SECRET}@h\" }",
          "collections: { products: { distance: \"${SECRET}\" } }"}) {
        INFO(field);
        const auto all = messages(read(base + field, environment));
        REQUIRE(all.size() == 1);
        CHECK(all[0].find("hunter2") == std::string::npos);
    }
    for (const std::string route :
         {"from: \"${SECRET}\", to: p, text: [n]", "from: a.b, to: p, text: \"{{n} ${SECRET}\"",
          "from: a.b, to: p, text: [n], filter: { $gt: \"${SECRET}\" }",
          "from: a.b, to: p, text: [n], payload: [n, \"n.${SECRET}\"]"}) {
        INFO(route);
        const auto all = messages(
            read("embedders: { default: { type: lexical } }\nroutes: [{ " + route + " }]\n", environment));
        REQUIRE(all.size() == 1);
        CHECK(all[0].find("hunter2") == std::string::npos);
    }
}

TEST_CASE("the settings file is looked for in four places") {
    const Folder folder;
    const auto here = folder.write("halcyon.yaml", base);
    const std::vector<std::string> places{folder.path() + "/none.yaml", here};
    using halcyon::settings::find_file;
    CHECK(find_file("given.yaml", {{"HALCYON_CONFIG", "set.yaml"}}, places).value() == "given.yaml");
    CHECK(find_file({}, {{"HALCYON_CONFIG", "set.yaml"}}, places).value() == "set.yaml");
    CHECK(find_file({}, {{"HALCYON_CONFIG", ""}}, places).value() == here);
    const auto none = find_file({}, {}, {"/nowhere/a.yaml", "/nowhere/b.yaml"});
    REQUIRE(none.has_error());
    CHECK(none.error().context ==
          "there is no settings file: neither -c FILE nor HALCYON_CONFIG is given, and /nowhere/a.yaml and "
          "/nowhere/b.yaml are not there; `halcyon init` writes one");
}

TEST_CASE("a settings file that is not there is a mistake, one that is there is read") {
    const Folder folder;
    const auto good = halcyon::app::load_settings(folder.write("s.yaml", base), {});
    CHECK(messages(good).empty());
    CHECK(good.file == folder.path() + "/s.yaml");
    CHECK(messages(halcyon::app::load_settings("/nowhere/s.yaml", {})) ==
          std::vector<std::string>{
              "/nowhere/s.yaml: /nowhere/s.yaml can't be read: No such file or directory"});
}
