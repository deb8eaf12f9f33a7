// One edge, compiled: which documents of a namespace a collection should hold, and as what. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "core/document.hpp"
#include "core/key.hpp"
#include "core/vector.hpp"

namespace halcyon::render {

struct ChunkOptions {
    enum class By { words, sentences } by = By::words;
    std::uint32_t size = 220;    // words a chunk; 1 to 100,000
    std::uint32_t overlap = 40;  // words shared with the chunk before; less than `size`
    /// Payload field that gets the chunk's own text; empty: none.
    std::string text_as;
};

struct PayloadField {
    std::string field;  // dotted path in the document
    std::string as;     // name in the payload; empty: the same path
    bool geo = false;   // a GeoJSON point becomes {"lon":..,"lat":..}
};

struct RouteOptions {
    Namespace from;
    CollectionName to;
    /// Extended JSON of the filter ($eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not); empty: every
    /// document.
    std::string filter;
    /// "{{name}}\n{{description}}"; used when `text_fields` is empty.
    std::string text;
    /// Fields joined by a newline, missing ones left out.
    std::vector<std::string> text_fields;
    std::optional<ChunkOptions> chunk;
    /// Nothing: the whole document without `_id`'s namesake fields; empty list: no payload.
    std::optional<std::vector<PayloadField>> payload;
    /// A field that is written by halcyon itself: no part of a whole document's payload. Empty: none.
    std::string ignored;
    /// A namespace that is dropped takes its points along, or leaves them.
    enum class OnDrop { remove, keep } on_drop = OnDrop::remove;
};

/// What the collection should hold for one document. Not wanted (filter, empty text): nothing.
struct Wanted {
    bool wanted = false;
    std::string text;     // what is embedded, before chunking
    std::string payload;  // JSON object text
    Digest text_digest;   // of `text` with the fingerprint
    Digest payload_digest;
};

/// Immutable; any thread.
class Route {
  public:
    /// `embedder` is Embedder::identity(). Errors: reject/invalid, with what is wrong and an example.
    static Result<Route> compile(RouteOptions options, std::string_view embedder, std::uint32_t dimension,
                                 Distance distance);

    const RouteOptions& options() const;
    /// All that changes a vector without the document changing: embedder, dimension, distance, template,
    /// chunker, their code's versions.
    Digest fingerprint() const;
    /// What the definition is made of, by the names of settings: short texts that are equal if the parts are.
    std::vector<std::pair<std::string, std::string>> parts() const;
    static constexpr std::array<std::string_view, 5> part_names{"embedder", "text", "chunk", "filter",
                                                                "payload"};
    /// Part of the fingerprint.
    static bool part_is_embedded(std::string_view part) { return part != "filter" && part != "payload"; }
    /// Fingerprint, filter and payload: what a snapshot's progress belongs to.
    Digest definition() const;

    /// Errors: reject (nested too deep, text or payload over 8 MiB, not UTF-8 beyond repair ...): a dead
    /// letter with this reason.
    Result<Wanted> want(const Document& document) const;
    /// At least one chunk for a text that is not empty.
    std::vector<std::string> chunks(std::string_view text) const;
    /// `payload` with the chunk's own text where the route asks for it.
    std::string chunk_payload(std::string_view payload, std::string_view chunk) const;

  private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace halcyon::render
