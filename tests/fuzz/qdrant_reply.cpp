// A reply of Qdrant, or of whoever answers in its place. Front: the parser (1 byte), the HTTP status (1
// byte), then the body.
#include <array>
#include <string>

#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "qdrant/admin_protocol.hpp"
#include "qdrant/errors.hpp"
#include "qdrant/read_protocol.hpp"
#include "qdrant/write_protocol.hpp"

namespace halcyon::fuzz {
namespace {

using namespace qdrant;

/// What every parser says of a reply that is not Qdrant's.
template <class T>
bool taken(const Result<T>& result) {
    if (result.has_value()) return true;
    HOLDS(result.error().verdict == Verdict::retry && result.error().cause == Cause::unavailable);
    return false;
}

void check_scroll(const std::string& body) {
    const auto page = parse_scroll(body);
    if (!taken(page)) return;
    HOLDS(is_json(scroll_body(page.value().next, 10)));
    ProvenanceEncoder encoder(CollectionName("products"));
    for (const auto& chunk : page.value().chunks) {
        // What was read can be written, and reads as the same.
        std::string again = R"({"result":{"points":[{"id":7,"payload":{"_halcyon":)";
        encoder.append(again, chunk.held.provenance);
        again += R"(}}],"next_page_offset":null}})";
        const auto back = parse_scroll(again);
        HOLDS(back.has_value() && back.value().chunks.size() == 1);
        const auto& p = chunk.held.provenance;
        const auto& q = back.value().chunks.front().held.provenance;
        HOLDS(q.source == p.source && q.key == p.key && q.chunk == p.chunk && q.chunks == p.chunks);
        HOLDS(q.text == p.text && q.payload == p.payload && q.fingerprint == p.fingerprint);
        HOLDS(q.version == p.version && q.at == p.at);
        HOLDS(p.chunk < p.chunks);
    }
}

void check_query(const std::string& body) {
    const auto points = parse_query(body);
    if (!taken(points)) return;
    for (const auto& point : points.value()) HOLDS(is_json(point.payload) && point.payload.starts_with('{'));
}

void check_collection(const std::string& body) {
    const auto info = parse_collection(body);
    if (!taken(info)) return;
    for (const auto& [name, vector] : info.value().vectors) {
        CollectionSpec spec;
        spec.name = CollectionName("products");
        spec.dimension = 4;
        spec.vector_name = name;
        const auto fits = judge_vectors(spec, "products__1", info.value());
        HOLDS(fits.has_value() == (vector.size == 4 && vector.distance == "Cosine" && !vector.multivector));
    }
    HOLDS(is_json(metadata_body(info.value().halcyon)));
}

void check_settings_json(const std::string& text) {
    if (!utf8::valid(text)) return;  // the settings' reader sees to it
    CollectionSpec spec;
    spec.name = CollectionName("products");
    spec.dimension = 4;
    spec.create_json = text;
    if (const auto body = create_body(spec, {})) HOLDS(is_json(body.value()));
    HOLDS(is_json(index_body("price", text)));
    static_cast<void>(index_type(text));
}

/// Law 1: only what Qdrant calls completed is done.
void check_judge(unsigned status, const std::string& body) {
    const Answer answer{.status = status, .body = body};
    const auto read = judge(Call::read, answer);
    HOLDS(read.has_value() == (status == 200));
    const auto written = judge(Call::write, answer);
    if (written) {
        const auto statuses = parse_update(body);
        HOLDS(status == 200 && statuses && !statuses->empty());
        for (const auto one : *statuses) HOLDS(one == UpdateStatus::completed);
    } else {
        HOLDS(!written.error().context.empty());
        if (status >= 500 || status == 200) HOLDS(written.error().verdict == Verdict::retry);
    }
}

}  // namespace

void run(Input input) {
    constexpr std::array<unsigned, 16> statuses{200, 200, 201, 302, 400, 401, 403, 404,
                                                408, 409, 413, 422, 429, 500, 503, 507};
    const auto parser = input.choice(9);
    const auto status = statuses[input.choice(statuses.size())];
    const std::string body(input.rest());
    switch (parser) {
        case 0:
            return check_scroll(body);
        case 1:
            return check_query(body);
        case 2:
            return static_cast<void>(taken(parse_count(body)));
        case 3:
            return check_collection(body);
        case 4:
            return static_cast<void>(taken(parse_aliases(body)));
        case 5:
            return static_cast<void>(taken(parse_exists(body)));
        case 6:
            if (const auto version = parse_version(body); taken(version))
                if (const auto tried = judge_version(version.value()); !tried)
                    HOLDS(tried.error().cause == Cause::unsupported);
            return;
        case 7:
            return check_settings_json(body);
        default:
            return check_judge(status, body);
    }
}

}  // namespace halcyon::fuzz
