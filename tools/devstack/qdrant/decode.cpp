#include "devstack/qdrant/decode.hpp"

#include <algorithm>

namespace halcyon::devstack::qdrant {
namespace {

std::string written(const Json& value) {
    std::string out;
    value.write(out);
    return out;
}

}  // namespace

std::string unexpected(const Json& value) {
    if (value.boolean()) return "boolean `" + written(value) + "`";
    if (value.is_integer()) return "integer `" + written(value) + "`";
    if (value.is_number()) return "floating point `" + written(value) + "`";
    if (value.text()) return "string " + written(value);
    if (value.array()) return "sequence";
    return value.object() ? "map" : "null";
}

Refused wrong_type(const Json& value, std::string_view expected) {
    return format_error("invalid type: " + unexpected(value) + ", expected " + std::string(expected));
}

const Json* given(const Json& object, std::string_view name) {
    const Json* value = object.find(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

const Json& required(const Json& object, std::string_view name) {
    const Json* value = object.find(name);
    if (value == nullptr) throw format_error("missing field `" + std::string(name) + "`");
    return *value;
}

void expect_object(const Json& value, std::string_view name) {
    if (!value.object()) throw wrong_type(value, "struct " + std::string(name));
}

bool to_boolean(const Json& value) {
    if (const bool* b = value.boolean()) return *b;
    throw wrong_type(value, "a boolean");
}

const std::string& to_text(const Json& value) {
    if (const std::string* text = value.text()) return *text;
    throw wrong_type(value, "a string");
}

std::uint64_t to_unsigned(const Json& value, std::string_view type) {
    const auto number = value.unsigned_integer();
    if (number && (type != "u32" || std::in_range<std::uint32_t>(*number))) return *number;
    if (value.is_integer())
        throw format_error("invalid value: " + unexpected(value) + ", expected " + std::string(type));
    throw wrong_type(value, type);
}

double to_number(const Json& value) {
    if (const auto number = value.number()) return *number;
    throw wrong_type(value, "f64");
}

const Json::Array& to_array(const Json& value) {
    if (const auto* items = value.array()) return *items;
    throw wrong_type(value, "a sequence");
}

std::optional<bool> boolean_field(const Json& object, std::string_view name) {
    const Json* value = given(object, name);
    return value ? std::optional(to_boolean(*value)) : std::nullopt;
}

std::optional<std::uint64_t> unsigned_field(const Json& object, std::string_view name,
                                            std::string_view type) {
    const Json* value = given(object, name);
    return value ? std::optional(to_unsigned(*value, type)) : std::nullopt;
}

std::optional<double> number_field(const Json& object, std::string_view name) {
    const Json* value = given(object, name);
    return value ? std::optional(to_number(*value)) : std::nullopt;
}

void expect_variant(const Json& value, std::initializer_list<std::string_view> names) {
    const std::string& text = to_text(value);
    if (std::find(names.begin(), names.end(), text) != names.end()) return;
    std::string list;
    for (const auto name : names) list += (list.empty() ? "`" : ", `") + std::string(name) + "`";
    throw format_error("unknown variant `" + text + "`, expected one of " + list);
}

Refused out_of_range(std::string_view path, const std::string& value, const std::string& low,
                     const std::string& high) {
    return invalid(std::string(path) + ": value " + value + " invalid, must be " +
                   (high.empty() ? low + " or larger" : "from " + low + " to " + high));
}

}  // namespace halcyon::devstack::qdrant
