#include "qdrant/read_protocol.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

#include "core/json_text.hpp"
#include "qdrant/json.hpp"
#include "qdrant/provenance.hpp"

namespace halcyon::qdrant {

namespace {

using simdjson::dom::element;

auto odd(std::string_view what) {
    return fail(Verdict::retry, Cause::unavailable,
                fmt::format("the answer to a {} is not one of Qdrant's", what));
}

// A UUID or the digits of an integer.
std::optional<std::string> id_text(element id) {
    std::string_view text;
    if (id.get(text) == simdjson::SUCCESS) return std::string(text);
    std::uint64_t number = 0;
    if (id.get(number) == simdjson::SUCCESS) return std::to_string(number);
    return {};
}

// The reverse: what `std::to_string` made of a number is one, everything else is text.
void append_id(std::string& out, std::string_view id) {
    std::uint64_t number = 0;
    const auto end = std::from_chars(id.data(), id.data() + id.size(), number).ptr;
    if (end == id.data() + id.size() && id == std::to_string(number)) {
        out += id;
    } else {
        json::append_string(out, id);
    }
}

void append_page(std::string& out, const std::optional<std::string>& from, std::size_t limit) {
    out += "\"limit\":";
    append_number(out, limit);
    if (from) {
        out += ",\"offset\":";
        append_id(out, *from);
    }
    out += ",\"with_payload\":[\"_halcyon\"],\"with_vector\":false}";
}

std::string_view text_of(element object, std::string_view name) {
    std::string_view text;
    return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::uint64_t number_of(element object, std::string_view name) {
    std::uint64_t number = 0;
    return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

std::optional<FoundChunk> chunk_of(element point) {
    element p;
    if (point["payload"]["_halcyon"].get(p) != simdjson::SUCCESS || !p.is_object()) return {};
    element id;
    if (point["id"].get(id) != simdjson::SUCCESS) return {};
    auto text = id_text(id);
    std::uint64_t chunk = 0;
    if (!text || p["chunk"].get(chunk) != simdjson::SUCCESS) return {};
    const ProvenanceFields fields{.source = text_of(p, "source"),
                                  .ns = text_of(p, "ns"),
                                  .database = text_of(p, "db"),
                                  .id = text_of(p, "id"),
                                  .key = text_of(p, "key"),
                                  .text = text_of(p, "text"),
                                  .payload = text_of(p, "payload"),
                                  .fingerprint = text_of(p, "fp"),
                                  .version = text_of(p, "version"),
                                  .at = text_of(p, "at"),
                                  .chunk = chunk,
                                  .chunks = number_of(p, "chunks")};
    auto provenance = decode(fields);
    if (!provenance) return {};
    return FoundChunk{{PointId(std::move(*text)), std::move(provenance).value()}, std::string(fields.key)};
}

}  // namespace

std::string read_target(std::string_view collection, std::string_view what, const ReadParameters& p) {
    auto target = fmt::format("/collections/{}/points/{}", path_segment(collection), what);
    char separator = '?';
    if (p.timeout_s > 0) {
        target += fmt::format("{}timeout={}", separator, p.timeout_s);
        separator = '&';
    }
    if (!p.consistency.empty()) target += fmt::format("{}consistency={}", separator, p.consistency);
    return target;
}

std::string lookup_body(const std::vector<std::string>& tags, const std::optional<std::string>& from,
                        std::size_t limit) {
    std::string out;
    out.reserve(tags.size() * 40 + 256);
    out += "{\"filter\":{\"must\":[{\"key\":\"";
    out += key_path;
    out += "\",\"match\":{\"any\":[";
    for (std::size_t i = 0; i < tags.size(); ++i) {
        if (i > 0) out += ',';
        json::append_string(out, tags[i]);
    }
    out += "]}}]},";
    append_page(out, from, limit);
    return out;
}

std::string scroll_body(const std::optional<std::string>& from, std::size_t limit) {
    std::string out = "{";
    append_page(out, from, limit);
    return out;
}

std::string count_body() { return "{\"exact\":true}"; }

std::string query_body(std::string_view vector, std::string_view vector_name, std::string_view filter,
                       std::size_t limit) {
    std::string out = "{\"query\":";
    out += vector;
    if (!vector_name.empty()) {
        out += ",\"using\":";
        json::append_string(out, vector_name);
    }
    if (!filter.empty()) {
        out += ",\"filter\":";
        out += filter;
    }
    out += ",\"limit\":";
    append_number(out, limit);
    out += ",\"with_payload\":true}";
    return out;
}

Result<FoundPage> parse_scroll(std::string_view body) {
    simdjson::dom::parser parser;
    element result;
    simdjson::dom::array points;
    if (parser.parse(body.data(), body.size()).at_key("result").get(result) != simdjson::SUCCESS ||
        result["points"].get(points) != simdjson::SUCCESS)
        return odd("scroll");
    FoundPage page;
    page.chunks.reserve(points.size());
    for (const auto point : points) {
        if (auto chunk = chunk_of(point)) {
            page.chunks.push_back(std::move(*chunk));
        } else {
            ++page.foreign;
        }
    }
    element next;
    if (result["next_page_offset"].get(next) == simdjson::SUCCESS && !next.is_null()) {
        page.next = id_text(next);
        // Taking an offset that we can't read for the end would drop every page behind it.
        if (!page.next) return odd("scroll");
    }
    return page;
}

Result<std::uint64_t> parse_count(std::string_view body) {
    simdjson::dom::parser parser;
    std::uint64_t count = 0;
    if (parser.parse(body.data(), body.size()).at_key("result").at_key("count").get(count) !=
        simdjson::SUCCESS)
        return odd("count");
    return count;
}

Result<std::vector<FoundPoint>> parse_query(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::array points;
    if (parser.parse(body.data(), body.size()).at_key("result").at_key("points").get(points) !=
        simdjson::SUCCESS)
        return odd("query");
    std::vector<FoundPoint> found;
    for (const auto point : points) {
        FoundPoint p;
        element id;
        if (point["id"].get(id) != simdjson::SUCCESS) return odd("query");
        auto text = id_text(id);
        if (!text || point["score"].get(p.score) != simdjson::SUCCESS) return odd("query");
        p.id = std::move(*text);
        element payload;
        const bool has = point["payload"].get(payload) == simdjson::SUCCESS && payload.is_object();
        p.payload = has ? simdjson::minify(payload) : std::string("{}");
        found.push_back(std::move(p));
    }
    return found;
}

}  // namespace halcyon::qdrant
