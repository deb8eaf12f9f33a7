#include "qdrant/write_protocol.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "core/json_text.hpp"
#include "qdrant/json.hpp"

namespace halcyon::qdrant {

namespace {

constexpr std::size_t frame_bytes = 96;  // names and brackets around one point

// The payload's members with `_halcyon` before them.
void append_payload(std::string& out, const PointId& id, std::string_view payload,
                    const Provenance& provenance, ProvenanceEncoder& encoder) {
    out += "{\"_halcyon\":";
    // The first chunk's id is the document's tag.
    encoder.append(out, provenance,
                   provenance.chunk == 0 ? std::string_view(id.value()) : std::string_view());
    const auto open = payload.find('{');
    auto members = open == std::string_view::npos ? std::string_view("}") : payload.substr(open + 1);
    const auto first = members.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) members = "}";
    if (first != std::string_view::npos && members[first] != '}') out += ',';
    out += members;
}

UpdateStatus status_of(simdjson::dom::element result) {
    std::string_view text;
    if (result["status"].get(text) != simdjson::SUCCESS) return UpdateStatus::unknown;
    if (text == "completed") return UpdateStatus::completed;
    if (text == "acknowledged") return UpdateStatus::acknowledged;
    if (text == "wait_timeout") return UpdateStatus::wait_timeout;
    return UpdateStatus::unknown;
}

}  // namespace

std::size_t bytes_of(const PointWrite& p, std::string_view vector_name) {
    return p.id.value().size() + p.vector->json.size() + p.payload.size() + provenance_bytes(p.provenance) +
           6 * vector_name.size() + frame_bytes;
}

std::size_t bytes_of(const PayloadWrite& p) {
    return p.id.value().size() + p.payload.size() + provenance_bytes(p.provenance) + frame_bytes;
}

std::string upsert_body(const std::vector<const PointWrite*>& points, ProvenanceEncoder& encoder,
                        std::string_view vector_name) {
    std::size_t bytes = 32;
    for (const auto* p : points) bytes += bytes_of(*p, vector_name);
    std::string name;
    if (!vector_name.empty()) json::append_string(name, vector_name);
    std::string out;
    out.reserve(bytes);
    out += "{\"points\":[";
    for (const auto* p : points) {
        if (p != points.front()) out += ',';
        out += "{\"id\":\"";
        out += p->id.value();
        out += "\",\"vector\":";
        if (!name.empty()) {
            out += '{';
            out += name;
            out += ':';
        }
        out += p->vector->json;
        if (!name.empty()) out += '}';
        out += ",\"payload\":";
        append_payload(out, p->id, p->payload, p->provenance, encoder);
        out += '}';
    }
    out += "]}";
    return out;
}

std::string payload_body(const std::vector<const PayloadWrite*>& points, ProvenanceEncoder& encoder) {
    std::size_t bytes = 32;
    for (const auto* p : points) bytes += bytes_of(*p);
    std::string out;
    out.reserve(bytes);
    out += "{\"operations\":[";
    for (const auto* p : points) {
        if (p != points.front()) out += ',';
        out += "{\"overwrite_payload\":{\"points\":[\"";
        out += p->id.value();
        out += "\"],\"payload\":";
        append_payload(out, p->id, p->payload, p->provenance, encoder);
        out += "}}";
    }
    out += "]}";
    return out;
}

std::string delete_body(const std::vector<const PointId*>& ids) {
    std::string out;
    out.reserve(ids.size() * bytes_of_id + 32);
    out += "{\"points\":[";
    for (const auto* id : ids) {
        if (id != ids.front()) out += ',';
        out += '"';
        out += id->value();
        out += '"';
    }
    out += "]}";
    return out;
}

std::string write_target(std::string_view physical, std::string_view suffix, const WriteParameters& p) {
    auto target = fmt::format("/collections/{}/points{}?wait=true", path_segment(physical), suffix);
    if (p.timeout_s > 0) target += fmt::format("&timeout={}", p.timeout_s);
    if (!p.ordering.empty()) target += fmt::format("&ordering={}", p.ordering);
    return target;
}

std::optional<std::vector<UpdateStatus>> parse_update(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::element result;
    if (parser.parse(body.data(), body.size()).at_key("result").get(result) != simdjson::SUCCESS) return {};
    simdjson::dom::array several;
    std::vector<UpdateStatus> statuses;
    if (result.get(several) == simdjson::SUCCESS) {
        for (const auto one : several) statuses.push_back(status_of(one));
    } else if (result.is_object()) {
        statuses.push_back(status_of(result));
    } else {
        return {};
    }
    return statuses;
}

std::optional<std::string_view> missing_point(std::string_view error) {
    constexpr std::string_view before = "No point with id ";
    const auto at = error.find(before);
    if (at == std::string_view::npos) return {};
    const auto id = error.substr(at + before.size());
    return id.substr(0, id.find(' '));
}

}  // namespace halcyon::qdrant
