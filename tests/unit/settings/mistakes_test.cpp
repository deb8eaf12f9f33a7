#include <catch2/catch.hpp>

#include "unit/settings/support.hpp"

using halcyon::testing::base;
using halcyon::testing::messages;
using halcyon::testing::read;

namespace {

struct Wrong {
    std::string text;
    std::string message;
};

/// Goes after two lines that are right.
const std::vector<Wrong> wrong_values{
    {"qdrant: { timout: 5s }",
     "halcyon.yaml:3:11: qdrant.timout: there is no such setting; did you mean timeout?"},
    {"mongdb: {}", "halcyon.yaml:3:1: mongdb: there is no such setting; did you mean mongodb?"},
    {"guards: { colour: 1 }",
     "halcyon.yaml:3:11: guards.colour: there is no such setting; known here: max_embeddings, "
     "orphans, max_delete_share"},
    {"qdrant: { timeout: fast }",
     "halcyon.yaml:3:20: qdrant.timeout: \"fast\" is not a duration (like 20ms, 5s, 2m), 2s to 10m"},
    {"qdrant: { timeout: 5 }",
     "halcyon.yaml:3:20: qdrant.timeout: \"5\" is not a duration (like 20ms, 5s, 2m), 2s to 10m"},
    {"qdrant: { timeout: -5s }",
     "halcyon.yaml:3:20: qdrant.timeout: \"-5s\" is not a duration (like 20ms, 5s, 2m), 2s to 10m"},
    {"qdrant: { timeout: 1s }",
     "halcyon.yaml:3:20: qdrant.timeout: \"1s\" is too small; it takes a duration (like 20ms, 5s, 2m), 2s to "
     "10m"},
    {"qdrant: { timeout: 11m }",
     "halcyon.yaml:3:20: qdrant.timeout: \"11m\" is too large; it takes a duration (like 20ms, 5s, 2m), 2s "
     "to 10m"},
    {"mongodb: { await: 10500us }",
     "halcyon.yaml:3:19: mongodb.await: \"10500us\" is finer than this field can be, e.g. 11ms"},
    {"qdrant: { connections: many }",
     "halcyon.yaml:3:24: qdrant.connections: \"many\" is not a whole number, 1 to 1024"},
    {"qdrant: { connections: 1.5 }",
     "halcyon.yaml:3:24: qdrant.connections: \"1.5\" is not a whole number, 1 to 1024"},
    {"qdrant: { connections: 99999999999999999999 }",
     "halcyon.yaml:3:24: qdrant.connections: \"99999999999999999999\" is not a whole number, 1 to 1024"},
    {"qdrant: { connections: }",
     "halcyon.yaml:3:11: qdrant.connections: has no value; it takes a whole number, 1 to 1024"},
    {"qdrant: { connections: [1] }",
     "halcyon.yaml:3:24: qdrant.connections: takes a whole number, 1 to 1024, not a list"},
    {"qdrant: 5", "halcyon.yaml:3:9: qdrant: takes a map, e.g. { url: .. }"},
    {"memory: 64MiB",
     "halcyon.yaml:3:9: memory: \"64MiB\" is too small; it takes a size (like 64KiB, 1MiB), 96MiB to 1TiB"},
    {"memory: 256 megs",
     "halcyon.yaml:3:9: memory: \"256 megs\" is not a size (like 64KiB, 1MiB), 96MiB to 1TiB"},
    {"guards: { max_delete_share: 0.05 }",
     "halcyon.yaml:3:29: guards.max_delete_share: \"0.05\" is not a share (like 5%), 0% to 100%"},
    {"guards: { max_delete_share: 101% }",
     "halcyon.yaml:3:29: guards.max_delete_share: \"101%\" is too large; it takes a share (like 5%), 0% to "
     "100%"},
    {"log: { level: verbose }",
     "halcyon.yaml:3:15: log.level: \"verbose\" is not one of trace, debug, info, warn, error, off"},
    {"log: { level: Warn }",
     "halcyon.yaml:3:15: log.level: \"Warn\" is not one of trace, debug, info, warn, error, off; did you "
     "mean "
     "warn?"},
    {"collections: { products: { adopt: yes } }",
     "halcyon.yaml:3:35: collections.products.adopt: \"yes\" is not true or false"},
    {"collections: { products: { distance: cosine } }",
     "halcyon.yaml:3:38: collections.products.distance: \"cosine\" is no distance (Cosine, Dot, Euclid, "
     "Manhattan); did you mean Cosine?"},
    {"collections:\n  products:\n    payload_indexes: { price: decimal }",
     "halcyon.yaml:5:31: collections.products.payload_indexes.price: \"decimal\" is no index type (keyword, "
     "integer, float, bool, geo, datetime, text, uuid)"},
    {"collections: { products: { payload_indexes: { name: { tokenizer: word } } } }",
     "halcyon.yaml:3:53: collections.products.payload_indexes.name: has no type, e.g. { type: text, "
     "tokenizer: "
     "word }"},
    {"collections: { products: { create: [1] } }",
     "halcyon.yaml:3:36: collections.products.create: takes a map, e.g. { on_disk_payload: true }"},
    {"collections: { products: { embedder: defualt } }",
     "halcyon.yaml:3:38: collections.products.embedder: \"defualt\" is no embedder (default); did you mean "
     "default?"},
    {"collections: { a/b: {} }",
     "halcyon.yaml:3:21: collections.a/b: \"a/b\" can't name a collection: 1 to 240 bytes without < > : \" / "
     "\\ "
     "| ? *"},
    {"qdrant: { url: \"http://qdrant:6334\" }",
     "halcyon.yaml:3:16: qdrant.url: 6334 is Qdrant's gRPC port; halcyon speaks REST, usually on port 6333"},
    {"qdrant: { url: qdrant }", "halcyon.yaml:3:16: qdrant.url: must begin with http:// or https://"},
    {"qdrant: { consistency: some }",
     "halcyon.yaml:3:24: qdrant.consistency: \"some\" is none of all, majority, quorum, a number above 0"},
    {"state: { path: '' }", "halcyon.yaml:3:16: state.path: is empty, e.g. path: /var/lib/halcyon"},
    {"memory: 100MiB\nstate: { cache: 40MiB }",
     "halcyon.yaml:3:9: memory: state.cache and state.write_buffer (56.0 MiB) take more than half of memory "
     "(100.0 "
     "MiB)"},
    {"source: ''", "halcyon.yaml:3:9: source: is empty, e.g. source: mongodb"},
    {"qdrant: {}\nqdrant: { timeout: 5s }",
     "halcyon.yaml:4:1: \"qdrant\" is here a second time; the first is in line 3: keep one of them"},
    {"qdrant: { timeout: 5s, timeout: 6s }",
     "halcyon.yaml:3:24: qdrant: \"timeout\" is here a second time; the first is in line 3: keep one of "
     "them"},
    {"qdrant: { api_key: \"${NO_SUCH}\" }",
     "halcyon.yaml:3:20: qdrant.api_key: the environment variable NO_SUCH is not set; set it, or write "
     "${NO_SUCH:-default}"},
    {"memory: ${NO_SUCH}",
     "halcyon.yaml:3:9: memory: the environment variable NO_SUCH is not set; set it, or write "
     "${NO_SUCH:-default}"},
    {"memory: \"${MEMORY\"",
     "halcyon.yaml:3:9: memory: \"${\" without \"}\"; write ${NAME} or ${NAME:-default}, and $${ for a plain "
     "${"},
    {"memory: \"${A-B}\"",
     "halcyon.yaml:3:9: memory: \"${A-B}\" names no environment variable; write ${NAME} or ${NAME:-default}, "
     "and "
     "$${ for a plain ${"},
    {"memory: !size 256MiB", "halcyon.yaml:3:9: memory: the tag !size is not used here; remove it"},
};

const std::vector<Wrong> wrong_routes{
    {"[]",
     "halcyon.yaml:2:9: routes: is empty; nothing would be kept in step, e.g. routes: [{ from: "
     "shop.products, "
     "to: products, text: [name] }]"},
    {"{}",
     "halcyon.yaml:2:9: routes: takes a list, e.g. [{ from: shop.products, to: products, text: [name] }]"},
    {"[products]", "halcyon.yaml:2:10: routes[0]: takes a map, e.g. { from: .. }"},
    {"[{ from: products, to: p, text: [a] }]",
     "halcyon.yaml:2:18: routes[0].from: \"products\" is no namespace (database and collection are joined by "
     "a "
     "dot); it looks like shop.products"},
    {"[{ from: a.b, text: [a] }]", "halcyon.yaml:2:10: routes[0].to: is missing, e.g. to: products"},
    {"[{ from: a.b, to: c }]",
     "halcyon.yaml:2:10: routes[0].text: is missing, e.g. text: \"{{name}}\\n{{description}}\""},
    {"[{ from: a.b, to: c, text: '' }]",
     "halcyon.yaml:2:36: routes[0].text: is empty, e.g. text: \"{{name}}\" or text: [name, description]"},
    {"[{ from: a.b, to: c, text: [] }]",
     "halcyon.yaml:2:36: routes[0].text: is empty, e.g. text: \"{{name}}\" or text: [name, description]"},
    {"[{ from: a.b, to: c, text: { a: b } }]", "halcyon.yaml:2:36: routes[0].text: takes a text, not a map"},
    {"[{ from: a.b, to: c, text: [a], chunk: { size: 10, overlap: 10 } }]",
     "halcyon.yaml:2:69: routes[0].chunk.overlap: overlap (10) must be less than size (10)"},
    {"[{ from: a.b, to: c, text: [a], chunk: { size: 0 } }]",
     "halcyon.yaml:2:56: routes[0].chunk.size: \"0\" is too small; it takes a whole number, 1 to 100000"},
    {"[{ from: a.b, to: c, text: [a], payload: [{ as: x }] }]",
     "halcyon.yaml:2:51: routes[0].payload[0].field: is missing, e.g. field: seller.city"},
    {"[{ from: a.b, to: c, text: [a], payload: name }]",
     "halcyon.yaml:2:50: routes[0].payload: takes a list, e.g. [name, { field: updatedAt, as: updated_at }]"},
    {"[{ from: a.b, to: c, text: [a] }, { from: a.b, to: c, text: [b] }]",
     "halcyon.yaml:2:43: routes[1]: a.b to c is routed twice, see routes[0]; one route may hold both filters "
     "with "
     "$or"},
    {"[{ from: a.b, to: c, text: [a], filter: { a: { $regex: x } } }]",
     "halcyon.yaml:2:49: routes[0].filter: a is compared with a regular expression, which is not supported"},
    {"[{ from: a.b, to: c, text: [a], filter: }]",
     "halcyon.yaml:2:41: routes[0].filter: takes a map, e.g. { status: active }"},
    {"[{ from: a.b, to: c, text: \"{{a\" }]",
     "halcyon.yaml:2:36: routes[0].text: \"{{a\" is not closed; a placeholder looks like {{name}}"},
    {"[{ from: a.b, to: c, text: [a], payload: [_halcyon] }]",
     "halcyon.yaml:2:50: routes[0].payload: _halcyon is reserved; give the field another name"},
    {"[{ from: local.oplog, to: c, text: [a] }]",
     "halcyon.yaml:2:18: routes[0].from: local is MongoDB's own database and has no change stream"},
    {"[{ from: shop.system.views, to: c, text: [a] }]",
     "halcyon.yaml:2:18: routes[0].from: system.views is one of MongoDB's own collections"},
    {"[{ from: a.b, to: 'x:y', text: [a] }]",
     "halcyon.yaml:2:27: routes[0].to: \"x:y\" can't name a collection: 1 to 240 bytes without < > : \" / \\ "
     "| ? *"},
};

const std::vector<Wrong> wrong_embedders{
    {"{}", "halcyon.yaml:1:12: embedders: is empty, e.g. embedders: { default: { type: lexical } }"},
    {"{ default: {} }", "halcyon.yaml:1:23: embedders.default.type: is missing, e.g. type: openai"},
    {"{ default: { type: opnai } }",
     "halcyon.yaml:1:31: embedders.default.type: \"opnai\" is no embedder type (openai, tei, ollama, "
     "lexical); did "
     "you mean openai?"},
    {"{ default: { type: openai } }",
     "halcyon.yaml:1:23: embedders.default.model: is missing, e.g. model: text-embedding-3-small"},
    {"{ default: { type: ollama } }",
     "halcyon.yaml:1:23: embedders.default.model: is missing, e.g. model: nomic-embed-text"},
    {"{ default: { type: tei, url: 'ftp://x' } }",
     "halcyon.yaml:1:41: embedders.default.url: \"ftp://x\" must begin with http:// or https://"},
    {"{ default: { type: lexical, url: 'http://x' } }",
     "halcyon.yaml:1:45: embedders.default.url: lexical is built in and asks no service; remove url, or set "
     "type "
     "to openai, tei or ollama"},
    {"{ default: { type: lexical, dimensions: 8 } }",
     "halcyon.yaml:1:52: embedders.default.dimensions: \"8\" is out of range; lexical takes 16 to 4096"},
    {"{ default: { type: tei, api_key: \"a\\nb\" } }",
     "halcyon.yaml:1:23: embedders.default: embedder: the API key has a line break in it"},
    {"{ small: { type: lexical } }", "halcyon.yaml:2:37: routes[0].to: \"default\" is no embedder (small)"},
};

}  // namespace

TEST_CASE("a wrong value has one message, with its place, the rule and what was meant") {
    for (const auto& [text, message] : wrong_values) {
        INFO(text);
        CHECK(messages(read(base + text)) == std::vector{message});
    }
}

TEST_CASE("a wrong route has one message") {
    for (const auto& [text, message] : wrong_routes) {
        INFO(text);
        CHECK(messages(read("embedders: { default: { type: lexical } }\nroutes: " + text)) ==
              std::vector{message});
    }
}

TEST_CASE("a status that is written back takes names that paths can hold, and feeds nothing") {
    const std::string head = "embedders: { default: { type: lexical } }\n";
    const std::string on = "mongodb: { status_writeback: { mode: on } }\n";
    const auto said = [&](const std::string& mongodb, const std::string& route) {
        return messages(read(head + mongodb + "routes: [{ from: a.b, " + route + " }]"));
    };
    CHECK(said(on, "to: c, text: [name]").empty());
    CHECK(said(on, "to: c, text: \"{{syncMetadataOfMine}}\"").empty());
    CHECK(said("", "to: c.d, text: \"{{syncMetadata.x}}\"").empty());
    for (const auto& [route, part] : std::vector<std::pair<std::string, std::string>>{
             {"to: c.d, text: [name]", "routes[0].to: \"c.d\" has a dot"},
             {"to: $c, text: [name]", "routes[0].to: \"$c\" begins with $"},
             {"to: c, text: [name, syncMetadata.x]", "routes[0].text: uses syncMetadata"},
             {"to: c, text: \"{{name}} {{syncMetadata.x}}\"", "routes[0].text: uses syncMetadata"},
             {"to: c, text: [name], payload: [syncMetadata]", "routes[0].payload: uses syncMetadata"},
             {"to: c, text: [name], filter: { syncMetadata.overallStatus: synced }",
              "routes[0].filter: uses syncMetadata"},
         }) {
        INFO(route);
        const auto mistakes = said(on, route);
        REQUIRE(mistakes.size() == 1);
        CHECK(mistakes[0].find(part) != std::string::npos);
    }
    const auto mistakes =
        said("mongodb: { status_writeback: { mode: on, field: a.b } }\n", "to: c, text: [name]");
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].find("status_writeback.field: \"a.b\" has a dot") != std::string::npos);
}

TEST_CASE("a wrong embedder has one message") {
    for (const auto& [text, message] : wrong_embedders) {
        INFO(text);
        CHECK(messages(read("embedders: " + text +
                            "\nroutes: [{ from: shop.products, to: products, text: [name] }]")) ==
              std::vector{message});
    }
}

TEST_CASE("all mistakes are shown at once, in the order of the file") {
    const auto loaded = read(R"(qdrant:
  url: http://127.0.0.1:6334
  timeout: soon
embedders:
  default: { type: openai }
collections:
  products: { distance: cos, payload_indexes: { price: decimal } }
routes:
  - { from: products, to: products, text: [name] }
  - { from: shop.articles, to: products }
memory: 1MiB
colour: red
)");
    std::vector<std::string> paths;
    for (const auto& mistake : loaded.mistakes) paths.push_back(mistake.path);
    CHECK(paths == std::vector<std::string>{"qdrant.url", "qdrant.timeout", "embedders.default.model",
                                            "collections.products.distance",
                                            "collections.products.payload_indexes.price", "routes[0].from",
                                            "routes[1].text", "memory", "colour"});
}

TEST_CASE("what a file lacks altogether is said without a place of its own") {
    CHECK(messages(read("log: { level: info }")) ==
          std::vector<std::string>{
              "halcyon.yaml:1:1: embedders: is missing, e.g. embedders: { default: { type: lexical } }",
              "halcyon.yaml:1:1: routes: is missing, e.g. routes: [{ from: shop.products, to: products, "
              "text: [name] "
              "}]"});
}
