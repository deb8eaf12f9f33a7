#include <bson/bson.h>

#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {
namespace {

std::string number_text(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    std::array<char, 40> out{};
    std::snprintf(out.data(), out.size(), "%.15g", value);
    std::string text = out.data();
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace

std::string decimal_text(std::string_view bytes) {
    bson_decimal128_t decimal;
    decimal.low = load<std::uint64_t>(bytes.data());
    decimal.high = load<std::uint64_t>(bytes.data() + 8);
    std::array<char, BSON_DECIMAL128_STRING> out{};
    bson_decimal128_to_string(&decimal, out.data());
    return out.data();
}

std::string to_text(const Value& value) {
    const char* at = value.bytes.data();
    switch (value.type) {
        case Type::real:
            return number_text(load<double>(at));
        case Type::string:
        case Type::symbol:
            return "\"" + std::string(value.as_string()) + "\"";
        case Type::document:
            return to_text(value.as_document());
        case Type::array: {
            std::string out = "[";
            for (const Element& item : value.as_document())
                out += (out.size() > 1 ? ", " : " ") + to_text(item.value);
            return out + (out.size() > 1 ? " ]" : "]");
        }
        case Type::binary: {
            const std::string_view bytes = value.bytes.substr(5);
            if (at[4] == 4 && bytes.size() == 16) {
                const std::string text = hex(bytes);
                return "UUID(\"" + text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) +
                       "-" + text.substr(16, 4) + "-" + text.substr(20) + "\")";
            }
            std::string text = hex(bytes);
            for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            return "BinData(" + std::to_string(static_cast<unsigned char>(at[4])) + ", " + text + ")";
        }
        case Type::undefined:
            return "undefined";
        case Type::object_id:
            return "ObjectId('" + hex(value.bytes) + "')";
        case Type::boolean:
            return at[0] != 0 ? "true" : "false";
        case Type::date:
            return "new Date(" + std::to_string(load<std::int64_t>(at)) + ")";
        case Type::null:
            return "null";
        case Type::regex: {
            const std::string_view pattern(at);
            return "/" + std::string(pattern) + "/" + std::string(at + pattern.size() + 1);
        }
        case Type::int32:
            return std::to_string(load<std::int32_t>(at));
        case Type::int64:
            return std::to_string(load<std::int64_t>(at));
        case Type::timestamp:
            return "Timestamp(" + std::to_string(load<std::uint32_t>(at + 4)) + ", " +
                   std::to_string(load<std::uint32_t>(at)) + ")";
        case Type::decimal:
            return "NumberDecimal(\"" + decimal_text(value.bytes) + "\")";
        case Type::min_key:
            return "MinKey";
        case Type::max_key:
            return "MaxKey";
        case Type::code:
            return std::string(value.as_string());
        default:
            return "?";
    }
}

std::string to_text(View document) {
    std::string out = "{";
    for (const Element& element : document) {
        out += out.size() > 1 ? ", " : " ";
        out += std::string(element.name) + ": " + to_text(element.value);
    }
    return out + (out.size() > 1 ? " }" : "}");
}

std::string_view type_name(Type type) {
    switch (type) {
        case Type::end:
            return "missing";
        case Type::real:
            return "double";
        case Type::string:
            return "string";
        case Type::document:
            return "object";
        case Type::array:
            return "array";
        case Type::binary:
            return "binData";
        case Type::undefined:
            return "undefined";
        case Type::object_id:
            return "objectId";
        case Type::boolean:
            return "bool";
        case Type::date:
            return "date";
        case Type::null:
            return "null";
        case Type::regex:
            return "regex";
        case Type::db_pointer:
            return "dbPointer";
        case Type::code:
            return "javascript";
        case Type::symbol:
            return "symbol";
        case Type::code_with_scope:
            return "javascriptWithScope";
        case Type::int32:
            return "int";
        case Type::timestamp:
            return "timestamp";
        case Type::int64:
            return "long";
        case Type::decimal:
            return "decimal";
        case Type::max_key:
            return "maxKey";
        case Type::min_key:
            return "minKey";
    }
    return "?";
}

}  // namespace halcyon::devstack::mongo
