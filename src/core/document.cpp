#include "core/document.hpp"

#include <bson/bson.h>

#include <utility>

#include "core/bson.hpp"
#include "core/json_text.hpp"

namespace halcyon {
namespace {

auto refuse(std::string why) { return fail(Verdict::reject, Cause::invalid, std::move(why)); }

/// The one JSON object of `json` as BSON; otherwise what is wrong in `error`.
bool parse_object(std::string_view json, std::string& bson, bson_error_t& error) {
    auto* const reader = bson_json_data_reader_new(false, 0);
    bson_json_data_reader_ingest(reader, reinterpret_cast<const std::uint8_t*>(json.data()), json.size());
    bson_t parsed = BSON_INITIALIZER;
    bson_t rest = BSON_INITIALIZER;
    bool one = bson_json_reader_read(reader, &parsed, &error) == 1;
    if (one && bson_json_reader_read(reader, &rest, &error) > 0) {
        bson_set_error(&error, BSON_ERROR_JSON, BSON_JSON_ERROR_READ_CORRUPT_JS, "more than one object");
        one = false;
    }
    if (one) bson.assign(reinterpret_cast<const char*>(bson_get_data(&parsed)), parsed.len);
    bson_destroy(&rest);
    bson_destroy(&parsed);
    bson_json_reader_destroy(reader);
    return one;
}

}  // namespace

Result<Document> Document::from_bson(std::string_view bson) {
    if (!bson::well_formed(bson))
        return refuse("these " + std::to_string(bson.size()) + " bytes are no well-formed BSON document");
    return trusted(std::string(bson));
}

Document Document::trusted(std::string bson) {
    Document d;
    d.bytes_ = std::make_shared<const std::string>(std::move(bson));
    return d;
}

Result<Document> Document::from_json(std::string_view json) {
    const auto first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || json[first] != '{')
        return refuse(R"(this is no JSON object, like {"status": "active"})");
    std::string bytes;
    bson_error_t error{};
    if (!parse_object(json, bytes, error))
        return refuse(std::string("this is no extended JSON: ") +
                      (error.message[0] == '\0' ? "it ends too early" : error.message));
    return from_bson(bytes);
}

std::string Document::to_json() const {
    if (!bytes_) return "{}";
    std::string out;
    json::append_extended(out, {bson::Type::object, bson()}, json::Form::canonical);
    return out;
}

}  // namespace halcyon
