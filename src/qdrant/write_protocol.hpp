// The bodies of requests that change points (Qdrant's REST API, 1.17 to 1.19), each built in one buffer.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/ports/sink.hpp"
#include "qdrant/provenance.hpp"

namespace halcyon::qdrant {

/// What a point costs in a body; never less than what it adds.
std::size_t bytes_of(const PointWrite& point, std::string_view vector_name);
std::size_t bytes_of(const PayloadWrite& point);
inline constexpr std::size_t bytes_of_id = 40;

/// `PUT /collections/{c}/points`. `vector_name` empty: the unnamed vector. REQUIRES: at least one point (the
/// server refuses none), payloads that are JSON objects without `_halcyon`.
std::string upsert_body(const std::vector<const PointWrite*>& points, ProvenanceEncoder& encoder,
                        std::string_view vector_name);
/// `POST /collections/{c}/points/batch`, one overwrite_payload a point, in order.
std::string payload_body(const std::vector<const PayloadWrite*>& points, ProvenanceEncoder& encoder);
/// `POST /collections/{c}/points/delete` by ids. REQUIRES: at least one id.
std::string delete_body(const std::vector<const PointId*>& ids);

/// What all writes of points are asked with.
struct WriteParameters {
    unsigned timeout_s = 0;     // how long the server waits for the operation; 0: not sent
    std::string_view ordering;  // empty: not sent
};
/// "/collections/{c}/points{suffix}?wait=true&timeout=..&ordering=..". `suffix`: "", "/batch", "/delete".
std::string write_target(std::string_view physical, std::string_view suffix,
                         const WriteParameters& parameters);

enum class UpdateStatus { completed, acknowledged, wait_timeout, unknown };
/// `result.status`, or one for each operation of a batch. Nothing where the body is no such reply.
std::optional<std::vector<UpdateStatus>> parse_update(std::string_view body);

/// The id in "Not found: No point with id X found" of an error's text; nothing for other errors.
std::optional<std::string_view> missing_point(std::string_view error);

}  // namespace halcyon::qdrant
