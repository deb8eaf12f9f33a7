// Values that the tests of this room share.
#pragma once

#include <string>

#include "core/ports/sink.hpp"

namespace halcyon::qdrant::samples {

inline DocumentKey key(std::string_view id_json, std::string database = "shop",
                       std::string collection = "products") {
    const auto document = Document::from_json("{\"_id\":" + std::string(id_json) + "}");
    if (!document) throw std::runtime_error("no extended JSON: " + std::string(id_json));
    return {{std::move(database), std::move(collection)}, DocId::of(document.value().bson()).value()};
}

inline Provenance provenance(DocumentKey key, std::uint32_t chunk = 0, std::uint32_t chunks = 1) {
    Provenance p;
    p.source = SourceName("mongodb");
    p.key = std::move(key);
    p.chunk = chunk;
    p.chunks = chunks;
    p.text = {0x0123456789abcdefULL, 1};
    p.payload = {0, 0xfedcba9876543210ULL};
    p.fingerprint = {7, 8};
    p.version = {3, {0x655f0f4d, 9}, Version::last};
    p.at = {1'767'225'600'123};
    return p;
}

inline PointWrite point(const CollectionName& collection, const DocumentKey& key, std::uint32_t chunk = 0,
                        std::uint32_t chunks = 1, std::string payload = R"({"name":"lamp"})",
                        EncodedVector vector = {"[0.1,0.2,0.3,0.4]", 4}) {
    return {point_id(SourceName("mongodb"), collection, key, chunk), share(std::move(vector)),
            std::move(payload), provenance(key, chunk, chunks)};
}

inline SinkOperation upsert(const CollectionName& collection, const DocumentKey& key,
                            std::uint32_t chunks = 1, std::string payload = R"({"name":"lamp"})") {
    SinkOperation operation;
    for (std::uint32_t i = 0; i < chunks; ++i)
        operation.upserts.push_back(point(collection, key, i, chunks, payload));
    return operation;
}

}  // namespace halcyon::qdrant::samples
