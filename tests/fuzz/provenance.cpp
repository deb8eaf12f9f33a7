// `_halcyon` on its way to Qdrant and back, whatever the document's names and `_id` are. Lines: source,
// database, collection; then 28 bytes of numbers; the rest is a document with an `_id`.
#include <algorithm>
#include <string>

#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "qdrant/provenance.hpp"
#include "qdrant/read_protocol.hpp"

namespace halcyon::fuzz {

void run(Input input) {
    Provenance p;
    p.source = SourceName(std::string(input.line()));
    p.key.ns = {std::string(input.line()), std::string(input.line())};
    p.chunks = std::max(1U, input.word());
    p.chunk = input.word() % p.chunks;
    p.text = {input.word(), input.byte()};
    p.payload = {input.byte(), input.word()};
    p.version = {input.byte(), {input.word(), input.byte()}, Version::last};
    constexpr std::uint64_t year_10000 = 253'402'300'800'000;
    p.at = {static_cast<std::int64_t>(input.number() % year_10000)};
    auto id = DocId::of(bson_of(input.rest()));
    // What MongoDB and the settings see to.
    const bool named = !p.source.value().empty() && !p.key.ns.database.empty() &&
                       !p.key.ns.collection.empty() && p.key.ns.database.find('.') == std::string::npos &&
                       utf8::valid(p.source.value()) && utf8::valid(p.key.ns.text());
    if (!named || !id) return;
    p.key.id = std::move(id).value();

    const CollectionName collection("products");
    qdrant::ProvenanceEncoder encoder(collection);
    std::string json;
    encoder.append(json, p);
    HOLDS(is_json(json));
    HOLDS(json.size() <= qdrant::provenance_bytes(p));
    std::string again;
    encoder.append(again, p);
    HOLDS(again == json);

    const auto page = qdrant::parse_scroll(R"({"result":{"points":[{"id":"x","payload":{"_halcyon":)" + json +
                                           R"(}}],"next_page_offset":null}})");
    HOLDS(page.has_value() && page.value().chunks.size() == 1);
    const auto& found = page.value().chunks.front();
    HOLDS(found.tag == qdrant::document_tag(p.source, collection, p.key));
    const auto& q = found.held.provenance;
    HOLDS(q.source == p.source && q.key.ns == p.key.ns);
    HOLDS(q.key.id == p.key.id);
    HOLDS(q.chunk == p.chunk && q.chunks == p.chunks);
    HOLDS(q.text == p.text && q.payload == p.payload && q.fingerprint == p.fingerprint);
    HOLDS(q.version == p.version && q.at == p.at);
}

}  // namespace halcyon::fuzz
