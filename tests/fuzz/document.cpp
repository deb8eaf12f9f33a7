// A document from MongoDB: identity, filter, text, payload and digests of whatever bytes. Extended JSON is
// taken as the document that it describes.
#include "core/document.hpp"

#include <optional>
#include <string>
#include <vector>

#include "core/key.hpp"
#include "core/number.hpp"
#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "render/compare.hpp"
#include "render/route.hpp"
#include "render/value_text.hpp"

namespace halcyon::fuzz {
namespace {

render::Route route(std::string filter, std::string text, std::optional<render::ChunkOptions> chunk,
                    std::optional<std::vector<render::PayloadField>> payload) {
    render::RouteOptions options;
    options.from = {"shop", "products"};
    options.to = CollectionName("products");
    options.filter = std::move(filter);
    options.text = std::move(text);
    options.chunk = std::move(chunk);
    options.payload = std::move(payload);
    return render::Route::compile(std::move(options), "any", 8, Distance::cosine).value();
}

const std::vector<render::Route>& routes() {
    using render::ChunkOptions;
    static const std::vector<render::Route> all{
        route("", "{{name}}\n{{a.b}} {{a.0}}", std::nullopt, std::nullopt),
        route(R"({"$or":[{"a":{"$gt":5}},{"a.b":{"$in":[null,"x"]}},{"name":{"$not":{"$lte":"m"}}}]})",
              "{{name}}", ChunkOptions{ChunkOptions::By::words, 3, 1, "chunk"}, std::nullopt),
        route(R"({"a":{"$exists":true}})", "{{a}}: {{name}}",
              ChunkOptions{ChunkOptions::By::sentences, 4, 0, ""},
              std::vector<render::PayloadField>{{"a.b", "ab", false},
                                                {"place", "", true},
                                                {"a", "whole", false},
                                                {"name.0", "first", false}})};
    return all;
}

void check_id(const DocId& id) {
    HOLDS(bson::well_formed(id.bytes()));
    HOLDS(DocId::of(id.bytes()).value() == id);
    const auto json = id.json();
    HOLDS(is_json(json));
    HOLDS(DocId::parse(json).value() == id);
    HOLDS(utf8::valid(id.display()));
}

void check_want(const render::Route& route, const Document& document) {
    const auto wanted = route.want(document);
    if (!wanted) {
        HOLDS(wanted.error().verdict == Verdict::reject && !wanted.error().context.empty());
        return;
    }
    const auto& w = wanted.value();
    if (!w.wanted) return;
    HOLDS(!w.text.empty() && utf8::valid(w.text) && render::tidy(w.text) == w.text);
    HOLDS(is_json(w.payload) && w.payload.starts_with('{'));
    const auto again = route.want(document);
    HOLDS(again.value().text_digest == w.text_digest && again.value().payload_digest == w.payload_digest);
    const auto chunks = route.chunks(w.text);
    HOLDS(!chunks.empty());
    for (const auto& chunk : chunks) {
        HOLDS(!chunk.empty() && w.text.find(chunk) != std::string::npos);
        HOLDS(is_json(route.chunk_payload(w.payload, chunk)));
    }
}

/// Orders are orders: the first values of the document against each other.
void check_order(const Document& document) {
    std::vector<bson::Value> values;
    bson::Reader reader(document.bson());
    for (bson::Field field; values.size() < 6 && reader.next(field);) values.push_back(field.value);
    for (const auto& a : values)
        for (const auto& b : values) {
            bool broken = false;
            const auto ab = render::compare(a, b, broken);
            const auto ba = render::compare(b, a, broken);
            if (broken) continue;
            HOLDS((ab < 0) == (ba > 0) && (ab == 0) == (ba == 0));
            if (a.type == b.type && a.bytes == b.bytes) HOLDS(ab == 0);
            if (a.is_number() && b.is_number()) {
                std::string one, other;
                bson::Number::of(a).append_to(one, "");
                bson::Number::of(b).append_to(other, "");
                if (one == other) HOLDS(ab == 0);
            }
            for (const auto& c : values) {
                const auto bc = render::compare(b, c, broken);
                const auto ac = render::compare(a, c, broken);
                if (!broken && ab <= 0 && bc <= 0) HOLDS(ac <= 0);
            }
        }
}

}  // namespace

void run(Input input) {
    const auto bytes = input.rest();
    // What a person types on the command line to name a document.
    check_id(DocId::parse(bytes).value());

    const auto bson = bson_of(bytes);
    const auto made = Document::from_bson(bson);
    // The driver's documents are not looked into before they are rendered.
    const auto document = made ? made.value() : Document::trusted(bson);
    HOLDS(is_json(document.to_json()));
    if (const auto id = DocId::of(bson)) check_id(id.value());
    for (const auto& route : routes()) check_want(route, document);
    if (!made) {
        HOLDS(made.error().verdict == Verdict::reject && made.error().cause == Cause::invalid);
        return;
    }
    HOLDS(libbson_walks(bson));
    check_order(document);
}

}  // namespace halcyon::fuzz
