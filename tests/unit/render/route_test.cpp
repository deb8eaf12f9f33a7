#include "render/route.hpp"

#include "unit/render/documents.hpp"

using namespace halcyon;
using render::ChunkOptions;
using render::PayloadField;
using render::Route;
using render::RouteOptions;
using render::test::document;

namespace {

RouteOptions options() {
    RouteOptions o;
    o.from = {"shop", "products"};
    o.to = CollectionName("products");
    o.filter = R"({"status":"active"})";
    o.text = "{{name}}\n{{description}}";
    o.payload = std::vector<PayloadField>{
        {"name", "", false}, {"price", "", false}, {"updatedAt", "updated_at", false}};
    return o;
}

Route compiled(RouteOptions o, std::string_view embedder = "lexical/1", std::uint32_t dimension = 256,
               Distance distance = Distance::cosine) {
    auto made = Route::compile(std::move(o), embedder, dimension, distance);
    INFO((made.has_error() ? made.error().context : ""));
    REQUIRE(made.has_value());
    return made.value();
}

render::Wanted want(const Route& route, std::string_view json) {
    auto wanted = route.want(document(json));
    REQUIRE(wanted.has_value());
    return wanted.value();
}

std::string refusal(const RouteOptions& o, std::uint32_t dimension = 256) {
    const auto made = Route::compile(o, "lexical/1", dimension, Distance::cosine);
    REQUIRE(made.has_error());
    CHECK(made.error().verdict == Verdict::reject);
    CHECK(made.error().cause == Cause::invalid);
    return made.error().context;
}

const char* const lamp =
    R"({"_id":1,"status":"active","name":"Lamp","description":"Bright","price":5,"seller":{"city":"Graz"}})";

}  // namespace

TEST_CASE("a route says what a collection should hold for a document") {
    const auto wanted = want(compiled(options()), lamp);
    CHECK(wanted.wanted);
    CHECK(wanted.text == "Lamp\nBright");
    CHECK(wanted.payload == R"({"name":"Lamp","price":5})");
    CHECK_FALSE(wanted.text_digest.empty());
    CHECK_FALSE(wanted.payload_digest.empty());
}

TEST_CASE("a document that leaves the filter or has no text is not wanted") {
    const auto route = compiled(options());
    for (const auto* json : {R"({"status":"sold","name":"Lamp"})", R"({"name":"Lamp"})",
                             R"({"status":"active"})", R"({"status":"active","name":" \n"})", R"({})"}) {
        const auto wanted = want(route, json);
        INFO(json);
        CHECK_FALSE(wanted.wanted);
        CHECK(wanted.text.empty());
        CHECK(wanted.payload.empty());
    }
}

TEST_CASE("a change that the route does not look at keeps both digests") {
    const auto route = compiled(options());
    const auto before = want(route, lamp);
    for (
        const auto* json :
        {R"({"_id":1,"status":"active","name":"Lamp","description":"Bright","price":5,"seller":{"city":"Wien"}})",
         R"({"_id":1,"views":99,"status":"active","name":"Lamp","description":"Bright","price":5})",
         R"({"price":5,"description":"Bright","name":"Lamp","status":"active","_id":1})",
         R"({"_id":1,"status":"active","name":"Lamp","description":"Bright","price":{"$numberLong":"5"}})"}) {
        const auto after = want(route, json);
        INFO(json);
        CHECK(after.text_digest == before.text_digest);
        CHECK(after.payload_digest == before.payload_digest);
    }
}

TEST_CASE("edits change the digest that they concern, however small they are") {
    const auto route = compiled(options());
    const auto before = want(route, lamp);
    const auto text_only =
        want(route, R"({"status":"active","name":"Lamp","description":"bright","price":5})");
    CHECK(text_only.text_digest != before.text_digest);
    CHECK(text_only.payload_digest == before.payload_digest);
    const auto payload_only =
        want(route, R"({"status":"active","name":"Lamp","description":"Bright","price":6})");
    CHECK(payload_only.text_digest == before.text_digest);
    CHECK(payload_only.payload_digest != before.payload_digest);
    const auto gone = want(route, R"({"status":"active","name":"Lamp","description":"Bright"})");
    CHECK(gone.payload_digest != before.payload_digest);

    auto o = options();
    o.payload.reset();
    const auto whole = compiled(o);
    const auto nested_before = want(whole, R"({"status":"active","name":"x","a":{"b":[{"c":"Y"}]}})");
    CHECK(want(whole, R"({"status":"active","name":"x","a":{"b":[{"c":"y"}]}})").payload_digest !=
          nested_before.payload_digest);
    CHECK(want(whole, R"({"status":"active","name":"x","a":{"b":[{"c":"Y","d":null}]}})").payload_digest !=
          nested_before.payload_digest);
    CHECK(want(whole, R"({"_id":9,"status":"active","name":"x","a":{"b":[{"c":"Y"}]}})").payload_digest ==
          nested_before.payload_digest);
}

TEST_CASE("all that changes a vector changes the fingerprint and with it the text digest") {
    const auto base = compiled(options());
    std::vector<Route> others{compiled(options(), "lexical/2"), compiled(options(), "lexical/1", 128),
                              compiled(options(), "lexical/1", 256, Distance::dot)};
    const auto with = [&](auto change) {
        auto o = options();
        change(o);
        others.push_back(compiled(o));
    };
    with([](auto& o) { o.text = "{{name}} {{description}}"; });
    with([](auto& o) { o.text_fields = {"name", "description"}; });
    with([](auto& o) { o.chunk = ChunkOptions{}; });
    with([](auto& o) { o.chunk = ChunkOptions{.size = 100, .text_as = ""}; });
    with([](auto& o) { o.chunk = ChunkOptions{.overlap = 10, .text_as = ""}; });
    with([](auto& o) { o.chunk = ChunkOptions{.by = ChunkOptions::By::sentences, .text_as = ""}; });
    std::set<Digest> fingerprints{base.fingerprint()};
    std::set<Digest> texts{want(base, lamp).text_digest};
    for (const auto& other : others) {
        CHECK(fingerprints.insert(other.fingerprint()).second);
        CHECK(texts.insert(want(other, lamp).text_digest).second);
        CHECK(other.definition() != base.definition());
        CHECK(want(other, lamp).payload_digest == want(base, lamp).payload_digest);
    }
}

TEST_CASE("filter and payload change the definition but not the fingerprint") {
    const auto base = compiled(options());
    const auto check = [&](auto change) {
        auto o = options();
        change(o);
        const auto other = compiled(o);
        CHECK(other.fingerprint() == base.fingerprint());
        CHECK(other.definition() != base.definition());
    };
    check([](auto& o) { o.filter = ""; });
    check([](auto& o) { o.filter = R"({"status":"sold"})"; });
    check([](auto& o) { o.payload.reset(); });
    check([](auto& o) { o.payload->pop_back(); });
    auto same = options();
    same.filter = R"({ "status" : "active" })";
    CHECK(compiled(same).definition() == base.definition());
}

TEST_CASE("fingerprint and definition are the same in every process") {
    const auto route = compiled(options());
    CHECK(route.fingerprint().hex() == "444aaa198edf6ce8e05d6c64997dfcba");
    CHECK(route.definition().hex() == "87a85f6d47468ff8c4be2fcd9d601768");
    CHECK(want(route, lamp).text_digest.hex() == "5fbd18d1533bdbc824f54d5bb4a0c756");
    CHECK(want(route, lamp).payload_digest.hex() == "a7fecfdfb905c2819c909d99e7a4dd1b");
}

TEST_CASE("a text without a chunker is one chunk, a long one with it several") {
    const auto plain = compiled(options());
    CHECK(plain.chunks("a b c") == std::vector<std::string>{"a b c"});
    CHECK(plain.chunks("").empty());
    CHECK(plain.chunk_payload(R"({"a":1})", "a b") == R"({"a":1})");

    auto o = options();
    o.chunk = ChunkOptions{.size = 2, .overlap = 1, .text_as = "chunk"};
    const auto chunking = compiled(o);
    CHECK(chunking.chunks("a b c") == std::vector<std::string>{"a b", "b c"});
    CHECK(chunking.chunks("").empty());
    CHECK(chunking.chunk_payload(R"({"a":1})", "a \"b\"") == R"({"a":1,"chunk":"a \"b\""})");
    CHECK(chunking.chunk_payload("{}", "a") == R"({"chunk":"a"})");
    // The name of the chunk's text counts for the payload, not for the vector.
    auto renamed = o;
    renamed.chunk->text_as = "other";
    CHECK(compiled(renamed).fingerprint() == chunking.fingerprint());
    CHECK(compiled(renamed).definition() != chunking.definition());
    CHECK(want(compiled(renamed), lamp).payload_digest != want(chunking, lamp).payload_digest);
}

TEST_CASE("settings that cannot be meant are refused with an example") {
    const auto with = [](auto change) {
        auto o = options();
        change(o);
        return refusal(o);
    };
    CHECK(with([](auto& o) { o.from = {}; }).find("shop.products") != std::string::npos);
    CHECK(with([](auto& o) { o.to = CollectionName(); }).find("products") != std::string::npos);
    CHECK(with([](auto& o) { o.text = ""; }).find("{{name}}") != std::string::npos);
    CHECK(with([](auto& o) { o.text = "{{"; }).find("not closed") != std::string::npos);
    CHECK(with([](auto& o) { o.filter = R"({"a":{"$foo":1}})"; }).find("$foo") != std::string::npos);
    CHECK(with([](auto& o) {
              o.chunk = ChunkOptions{.size = 0, .overlap = 0, .text_as = ""};
          }).find("size") != std::string::npos);
    CHECK(with([](auto& o) { o.chunk = ChunkOptions{.size = 100'001, .text_as = ""}; }).find("size") !=
          std::string::npos);
    CHECK(with([](auto& o) {
              o.chunk = ChunkOptions{.size = 10, .overlap = 10, .text_as = ""};
          }).find("overlap") != std::string::npos);
    CHECK(with([](auto& o) { o.chunk = ChunkOptions{.text_as = "name"}; }).find("name") != std::string::npos);
    CHECK(with([](auto& o) { o.payload->push_back({"_halcyon", "", false}); }).find("reserved") !=
          std::string::npos);
    CHECK(refusal(options(), 0).find("dimension") != std::string::npos);
}

TEST_CASE("a text over its bound, or whose chunks are, is a bad document") {
    const auto route = compiled(options());
    const auto long_text = document("{\"status\":\"active\",\"name\":\"" + std::string(9 << 20, 'x') + "\"}");
    auto wanted = route.want(long_text);
    REQUIRE(wanted.has_error());
    CHECK(wanted.error().verdict == Verdict::reject);
    CHECK(wanted.error().cause == Cause::too_large);
    auto o = options();
    o.payload = std::vector<PayloadField>{};
    o.chunk = ChunkOptions{.size = 1000, .overlap = 999, .text_as = ""};
    std::string words;
    for (int i = 0; i < 50'000; ++i) words += "word ";
    wanted = compiled(o).want(document("{\"status\":\"active\",\"name\":\"" + words + "\"}"));
    REQUIRE(wanted.has_error());
    CHECK(wanted.error().cause == Cause::too_large);
}

TEST_CASE("every truncation and every flipped bit of a document gives an error or a valid result") {
    auto o = options();
    o.filter = R"({"$or":[{"a.b":{"$gt":1}},{"tags":"x"},{"d":{"$ne":{"e":[1]}}}]})";
    o.text = "{{a}} {{tags}} {{items.n}} {{d}}";
    o.chunk = ChunkOptions{.size = 2, .overlap = 1, .text_as = "chunk"};
    o.payload.reset();
    const auto whole = compiled(o);
    o.payload = std::vector<PayloadField>{
        {"a.b", "", false}, {"tags", "", false}, {"items.n", "n", false}, {"at", "", true}};
    const auto listed = compiled(o);
    const auto sample = document(
        R"({"_id":{"$oid":"655f0f4d0102030405060708"},"a":{"b":2},"tags":["x","y z"],"items":[{"n":"p"},{"n":2.5}],
        "d":{"e":[1,{"$date":{"$numberLong":"0"}}]},"at":{"type":"Point","coordinates":[1,2.5]},"bin":{"$binary":{"base64":"AQID","subType":"02"}},
        "re":{"$regularExpression":{"pattern":"a","options":"i"}},"sc":{"$code":"f","$scope":{"x":1}},
        "p":{"$dbPointer":{"$ref":"c","$id":{"$oid":"655f0f4d0102030405060708"}}},"dec":{"$numberDecimal":"1.5"}})");
    const std::string bytes(sample.bson());
    unsigned wanted = 0;
    const auto probe = [&](std::string hostile) {
        const auto d = Document::trusted(std::move(hostile));
        for (const auto* route : {&whole, &listed}) {
            const auto result = route->want(d);
            if (result.has_error()) {
                CHECK(result.error().verdict == Verdict::reject);
                continue;
            }
            if (!result.value().wanted) continue;
            ++wanted;
            CHECK(Document::from_json(result.value().payload).has_value());
            for (const auto& chunk : route->chunks(result.value().text))
                CHECK(Document::from_json(route->chunk_payload(result.value().payload, chunk)).has_value());
        }
    };
    probe(bytes);
    CHECK(wanted == 2);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        probe(bytes.substr(0, n));
        if (n < 5) continue;
        auto cut = bytes.substr(0, n - 1) + '\0';
        const auto length = static_cast<std::uint32_t>(n);
        cut.replace(0, 4, reinterpret_cast<const char*>(&length), 4);
        probe(std::move(cut));
    }
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto flipped = bytes;
            flipped[i] = static_cast<char>(static_cast<unsigned char>(flipped[i]) ^ (1U << bit));
            probe(std::move(flipped));
        }
    CHECK(wanted > 1000);
}
