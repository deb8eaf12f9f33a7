// The JSON form of Provenance: the reserved payload object `_halcyon`. docs/qdrant.md lists its fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/key.hpp"
#include "core/provenance.hpp"
#include "core/version.hpp"

namespace halcyon::qdrant {

inline constexpr std::string_view provenance_field = "_halcyon";
/// The indexed fields.
inline constexpr std::string_view namespace_path = "_halcyon.ns";
inline constexpr std::string_view key_path = "_halcyon.key";

/// What `_halcyon.key` holds for a document: the point id of its first chunk. All chunks of it share the
/// text.
std::string document_tag(const SourceName& source, const CollectionName& collection, const DocumentKey& key);

/// Never less than the bytes that `_halcyon` takes; cheap.
std::size_t provenance_bytes(const Provenance& provenance);

/// Writes `_halcyon` for the points of one collection. Points of one document that follow each other share
/// the work that depends on the document only. One user at a time.
class ProvenanceEncoder {
  public:
    explicit ProvenanceEncoder(CollectionName collection) : collection_(std::move(collection)) {}
    /// Appends the object's text. `tag`: `document_tag` of its document, where that is at hand; empty: it is
    /// made.
    void append(std::string& out, const Provenance& provenance, std::string_view tag = {});

  private:
    void begin(const Provenance& provenance, std::string_view tag);
    CollectionName collection_;
    SourceName source_;
    DocumentKey key_;
    std::string namespace_head_;  // `{"source":..,"ns":..,"db":..` of source_ and key_
    std::string head_;            // the same with `,"id":..,"key":..`
    Version version_;
    WallTime at_{};
    std::string at_text_;
    std::string stamp_;  // `,"version":..,"at":..}` of version_ and at_
};

/// The members as they were read; views live as long as what was parsed.
struct ProvenanceFields {
    std::string_view source, ns, database, id, key, text, payload, fingerprint, version, at;
    std::uint64_t chunk = 0;
    std::uint64_t chunks = 0;
};

/// Errors: {reject, corrupted} naming the member that does not decode.
Result<Provenance> decode(const ProvenanceFields& fields);

}  // namespace halcyon::qdrant
