#include "unit/admin/schema.hpp"

#include <algorithm>

namespace halcyon::admin {
namespace {

namespace json = boost::json;

bool is_of(std::string_view type, const json::value& v) {
    if (type == "null") return v.is_null();
    if (type == "boolean") return v.is_bool();
    if (type == "string") return v.is_string();
    if (type == "array") return v.is_array();
    if (type == "object") return v.is_object();
    if (type == "integer") return v.is_int64() || v.is_uint64();
    return type == "number" && v.is_number();
}

bool is_of_type(const json::value& types, const json::value& v) {
    if (types.is_string()) return is_of(types.as_string(), v);
    return std::any_of(types.as_array().begin(), types.as_array().end(),
                       [&](const auto& t) { return is_of(t.as_string(), v); });
}

bool is_in(const json::array& values, const json::value& v) {
    return std::find(values.begin(), values.end(), v) != values.end();
}

}  // namespace

const json::value& Schemas::resolve(const json::value& schema) const {
    const auto* ref = schema.as_object().if_contains("$ref");
    if (!ref) return schema;
    return resolve(document_.at_pointer(std::string_view(ref->as_string()).substr(1)));
}

void Schemas::check_object(const json::object& schema, const json::object& value, const std::string& where,
                           std::vector<std::string>& out) const {
    if (const auto* required = schema.if_contains("required"))
        for (const auto& name : required->as_array())
            if (!value.contains(name.as_string()))
                out.push_back(where + ": no " + std::string(name.as_string()));
    const auto* properties = schema.if_contains("properties");
    const auto* more = schema.if_contains("additionalProperties");
    for (const auto& [name, member] : value) {
        const auto at = where + "." + std::string(name);
        const auto* known = properties ? properties->as_object().if_contains(name) : nullptr;
        if (known)
            check(*known, member, at, out);
        else if (more && more->is_object())
            check(*more, member, at, out);
        else if (properties)
            out.push_back(at + ": is not described");
    }
}

void Schemas::check(const json::value& given, const json::value& value, const std::string& where,
                    std::vector<std::string>& out) const {
    const auto& schema = resolve(given).as_object();
    if (const auto* type = schema.if_contains("type"); type && !is_of_type(*type, value)) {
        out.push_back(where + ": " + json::serialize(value) + " is no " + json::serialize(*type));
        return;
    }
    if (const auto* one = schema.if_contains("const"); one && *one != value)
        out.push_back(where + ": is not " + json::serialize(*one));
    if (const auto* known = schema.if_contains("enum"); known && !is_in(known->as_array(), value))
        out.push_back(where + ": " + json::serialize(value) + " is none of " + json::serialize(*known));
    if (const auto* least = schema.if_contains("minimum");
        least && value.is_number() && value.to_number<double>() < least->to_number<double>())
        out.push_back(where + ": is less than " + json::serialize(*least));
    if (const auto* most = schema.if_contains("maximum");
        most && value.is_number() && value.to_number<double>() > most->to_number<double>())
        out.push_back(where + ": is more than " + json::serialize(*most));
    if (value.is_object()) check_object(schema, value.as_object(), where, out);
    if (const auto* items = schema.if_contains("items"); items && value.is_array())
        for (std::size_t i = 0; i < value.as_array().size(); ++i)
            check(*items, value.as_array()[i], where + "[" + std::to_string(i) + "]", out);
    if (const auto* all = schema.if_contains("allOf"))
        for (const auto& s : all->as_array()) check(s, value, where, out);
    if (const auto* one = schema.if_contains("oneOf")) {
        std::string why;
        std::size_t fits = 0;
        for (const auto& s : one->as_array()) {
            std::vector<std::string> wrong;
            check(s, value, where, wrong);
            fits += wrong.empty();
            for (const auto& w : wrong) why += "\n  " + w;
        }
        if (fits != 1) out.push_back(where + ": fits " + std::to_string(fits) + " of oneOf" + why);
    }
}

std::vector<std::string> Schemas::mistakes(const json::value& schema, const json::value& value) const {
    std::vector<std::string> out;
    check(schema, value, "$", out);
    return out;
}

}  // namespace halcyon::admin
