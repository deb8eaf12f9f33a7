// Requests that create and describe collections, and their replies (Qdrant's REST API, 1.17 to 1.19). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "core/ports/sink.hpp"
#include "core/ports/writer_marks.hpp"

namespace halcyon::qdrant {

/// What halcyon keeps in a collection's metadata, under "halcyon".
struct Identity {
    std::string identity;     // a UUID; empty: none stored
    std::string created;      // RFC 3339
    std::string collection;   // the logical name that the points' ids are made with
    std::uint32_t epoch = 0;  // the highest epoch of any version written
};

struct VectorInfo {
    std::uint64_t size = 0;
    std::string distance;  // as Qdrant spells it: "Cosine"
    bool multivector = false;
};

/// What matters of `GET /collections/{c}`.
struct CollectionInfo {
    std::map<std::string, VectorInfo> vectors;   // "" is the unnamed one
    std::map<std::string, std::string> indexes;  // field -> data type
    Identity halcyon;
    std::optional<WriterMark> writer;   // who writes into it, as it says
    std::uint64_t deferred_points = 0;  // written, and hidden from reads until optimised
    bool prevents_unoptimized = false;  // so that points may become deferred
    bool replicated = false;
    // Strict mode, where it is on; nothing: no limit.
    std::optional<std::uint64_t> upsert_points, query_limit, condition_size, timeout_s;
};

std::string_view spelled(Distance distance);
/// "products__1": what the alias "products" points to at first.
std::string first_physical(const CollectionName& name);

/// `PUT /collections/{physical}`: what the settings pass on, with the vector and the metadata set.
/// Errors: {fatal, invalid} when `spec.create_json` is no JSON object.
Result<std::string> create_body(const CollectionSpec& spec, const Identity& identity);
/// `PATCH /collections/{physical}`
std::string metadata_body(const Identity& identity);
std::string mark_body(const WriterMark& mark);
/// `PUT /collections/{physical}/index`. `schema`: a type's name, or a JSON object with parameters.
std::string index_body(std::string_view field, std::string_view schema);
/// The type's name in a schema; empty where there is none.
std::string index_type(std::string_view schema);
/// `POST /collections/aliases`
std::string alias_body(std::string_view alias, std::string_view physical);

/// Errors of all parsers: {retry, unavailable}, the reply is not Qdrant's.
Result<CollectionInfo> parse_collection(const std::string& body);
/// (alias, collection)
Result<std::vector<std::pair<std::string, std::string>>> parse_aliases(const std::string& body);
Result<bool> parse_exists(const std::string& body);
/// `GET /`: the server's version, "1.18.3".
Result<std::string> parse_version(const std::string& body);

/// Whether halcyon works with that version: {fatal, unsupported} below 1.17; true for versions it was tried
/// with, false for newer ones and such that say nothing.
Result<bool> judge_version(std::string_view version);

/// Nothing if the collection can take the route's vectors. Errors: {fatal, dimension_mismatch} for another
/// size, {fatal, invalid} for another distance, an unknown or missing name, or multivectors.
Result<> judge_vectors(const CollectionSpec& spec, std::string_view physical, const CollectionInfo& info);

}  // namespace halcyon::qdrant
