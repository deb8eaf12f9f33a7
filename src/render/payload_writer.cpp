#include "render/payload_writer.hpp"

#include <cmath>
#include <optional>

#include "core/json_text.hpp"
#include "core/number.hpp"
#include "render/compare.hpp"
#include "render/payload.hpp"
#include "render/value_text.hpp"

namespace halcyon::render {
namespace {

using bson::Type;

std::optional<double> coordinate(const bson::Value& value, double bound) {
    if (!value.is_number() || value.type == Type::decimal128) return std::nullopt;
    const double d = value.type == Type::real    ? value.real()
                     : value.type == Type::int32 ? value.int32()
                                                 : static_cast<double>(value.int64());
    return std::fabs(d) <= bound ? std::optional(d) : std::nullopt;
}

struct Point {
    double lon = 0;
    double lat = 0;
};

/// {type: "Point", coordinates: [lon, lat]}; an altitude is ignored.
std::optional<Point> point(std::string_view bytes) {
    bool is_point = false;
    std::optional<double> lon;
    std::optional<double> lat;
    bson::Reader reader(bytes);
    for (bson::Field f; reader.next(f);) {
        if (f.key == "type") is_point = f.value.type == Type::string && f.value.text() == "Point";
        if (f.key != "coordinates" || f.value.type != Type::array) continue;
        bson::Reader numbers(f.value.bytes);
        bson::Field number;
        if (numbers.next(number)) lon = coordinate(number.value, 180);
        if (numbers.next(number)) lat = coordinate(number.value, 90);
    }
    if (reader.failed() || !is_point || !lon || !lat) return std::nullopt;
    return Point{*lon, *lat};
}

}  // namespace

bool PayloadWriter::malformed() {
    why_ = "the document is malformed BSON";
    return false;
}

bool PayloadWriter::fits() {
    if (out_.size() <= most_bytes) return true;
    why_ = "its payload is over 8 MiB; list fewer fields in the route's payload";
    return false;
}

void PayloadWriter::name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    json::append_string(out_, name);
    out_ += ':';
}

bool PayloadWriter::fields_of(std::string_view document, std::string_view left_out,
                              std::string_view ignored) {
    bson::Reader reader(document);
    for (bson::Field f; reader.next(f);) {
        if (f.key == "_id" || f.key == reserved_field || (!left_out.empty() && f.key == left_out) ||
            (!ignored.empty() && f.key == ignored))
            continue;
        name(f.key);
        if (!value(f.value)) return false;
    }
    return reader.failed() ? malformed() : true;
}

bool PayloadWriter::value(const bson::Value& v, unsigned depth) {
    switch (v.type) {
        case Type::string:
        case Type::symbol:
        case Type::code:
            json::append_string(out_, v.text());
            break;
        case Type::int32:
            json::append_int(out_, v.int32());
            break;
        case Type::int64:
            json::append_int(out_, v.int64());
            break;
        case Type::real:
            if (std::isfinite(v.real()))
                json::append_real(out_, v.real());
            else
                out_ += "null";
            break;
        case Type::decimal128:
            decimal(v);
            break;
        case Type::boolean:
            out_ += v.boolean() ? "true" : "false";
            break;
        case Type::date:
            out_ += '"';
            if (append_date(out_, v.int64()))
                out_ += '"';
            else
                out_.replace(out_.size() - 1, 1, "null");
            break;
        case Type::object_id:
            out_ += '"';
            out_ += bson::object_id_text(v.bytes);
            out_ += '"';
            break;
        case Type::object:
        case Type::array:
            return container(v, depth);
        case Type::binary:
            binary(v);
            break;
        case Type::regex:
            regex(v.bytes);
            break;
        case Type::db_pointer:
            pointer(v.bytes);
            break;
        case Type::code_with_scope:
            json::append_string(out_, v.bytes.substr(8, bson::load<std::uint32_t>(v.bytes.data() + 4) - 1));
            break;
        case Type::timestamp:
            out_ += R"({"t":)";
            json::append_int(out_, bson::load<std::uint32_t>(v.bytes.data() + 4));
            out_ += R"(,"i":)";
            json::append_int(out_, bson::load<std::uint32_t>(v.bytes.data()));
            out_ += '}';
            break;
        case Type::null:
        case Type::undefined:
            out_ += "null";
            break;
        case Type::min_key:
            out_ += R"("MinKey")";
            break;
        case Type::max_key:
            out_ += R"("MaxKey")";
            break;
    }
    return fits();
}

bool PayloadWriter::container(const bson::Value& v, unsigned depth) {
    if (depth > max_depth) {
        why_ = "the document is nested deeper than 100 levels";
        return false;
    }
    const bool array = v.type == Type::array;
    out_ += array ? '[' : '{';
    bson::Reader reader(v.bytes);
    bool first = true;
    for (bson::Field f; reader.next(f); first = false) {
        if (!first) out_ += ',';
        if (!array) {
            json::append_string(out_, f.key);
            out_ += ':';
        }
        if (!value(f.value, depth + 1)) return false;
    }
    out_ += array ? ']' : '}';
    return reader.failed() ? malformed() : fits();
}

bool PayloadWriter::geo(const bson::Value& v) {
    if (v.type == Type::array) {
        out_ += '[';
        bson::Reader reader(v.bytes);
        bool first = true;
        for (bson::Field f; reader.next(f); first = false) {
            if (!first) out_ += ',';
            if (f.value.type == Type::array)
                out_ += "null";
            else if (!geo(f.value))
                return false;
        }
        out_ += ']';
        return reader.failed() ? malformed() : fits();
    }
    const auto at = v.type == Type::object ? point(v.bytes) : std::nullopt;
    if (!at) {
        out_ += "null";
        return true;
    }
    out_ += R"({"lon":)";
    json::append_real(out_, at->lon);
    out_ += R"(,"lat":)";
    json::append_real(out_, at->lat);
    out_ += '}';
    return true;
}

void PayloadWriter::decimal(const bson::Value& v) {
    const auto number = bson::Number::of(v);
    if (number.kind == bson::Number::Kind::real && !std::isfinite(number.real))
        out_ += "null";
    else
        json::append_string(out_, bson::decimal_text(v));
}

void PayloadWriter::binary(const bson::Value& v) {
    out_ += '"';
    if (v.subtype() == 4 && v.binary().size() == 16)
        append_uuid(out_, v.binary());
    else
        json::append_base64(out_, v.binary());
    out_ += '"';
}

void PayloadWriter::regex(std::string_view bytes) {
    const auto pattern = bytes.find('\0');
    std::string text = "/";
    text += bytes.substr(0, pattern);
    text += '/';
    text += bytes.substr(pattern + 1, bytes.size() - pattern - 2);
    json::append_string(out_, text);
}

void PayloadWriter::pointer(std::string_view bytes) {
    out_ += R"({"ref":)";
    json::append_string(out_, bytes.substr(4, bytes.size() - 17));
    out_ += R"(,"id":")";
    out_ += bson::object_id_text(bytes.substr(bytes.size() - 12));
    out_ += "\"}";
}

}  // namespace halcyon::render
