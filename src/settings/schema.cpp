#include "settings/schema.hpp"

#include "settings/json.hpp"

namespace halcyon::settings {
namespace {

using Kind = Shape::Kind;

Entry entry(std::string key, Value value) { return {std::move(key), {}, std::move(value)}; }
Value word(std::string text) { return Value::of_text(std::move(text)); }
Value literal(std::string text) { return Value::of_text(std::move(text), true); }

constexpr const char* substituted = R"(\$\{)";

Value typed(const char* type) { return Value::of_map({entry("type", word(type))}); }
Value matching(std::string pattern) {
    return Value::of_map({entry("type", word("string")), entry("pattern", word(std::move(pattern)))});
}
Value any_of(std::vector<Value> values) {
    return Value::of_map({entry("anyOf", Value::of_list(std::move(values)))});
}

Value of(const Shape& shape);

Value numeric(const Shape& shape, const char* type) {
    Value out = typed(type);
    if (!shape.minimum.empty()) out.entries.push_back(entry("minimum", literal(shape.minimum)));
    if (!shape.maximum.empty()) out.entries.push_back(entry("maximum", literal(shape.maximum)));
    return any_of({std::move(out), matching(substituted)});
}

Value properties(const std::vector<FieldDoc>& fields) {
    Value all = Value::of_map();
    Value required = Value::of_list();
    for (const auto& field : fields) {
        Value one = of(field.shape);
        std::string help = field.doc.help;
        if (!field.shape.minimum.empty() || !field.shape.maximum.empty())
            help += (help.empty() ? "" : " ") + ("Takes " + describe(field.shape) + ".");
        if (!field.default_value.empty())
            help += (help.empty() ? "" : " ") + ("Default: " + field.default_value + ".");
        if (!help.empty())
            one.entries.insert(one.entries.begin(), entry("description", word(std::move(help))));
        all.entries.push_back(entry(field.name, std::move(one)));
        if (field.doc.required) required.items.push_back(word(field.name));
    }
    Value out =
        Value::of_map({entry("type", Value::of_list({word("object"), word("null")})),
                       entry("additionalProperties", literal("false")), entry("properties", std::move(all))});
    if (!required.items.empty()) out.entries.push_back(entry("required", std::move(required)));
    return out;
}

Value of(const Shape& shape) {
    switch (shape.kind) {
        case Kind::text:
            return Value::of_map(
                {entry("type", Value::of_list({word("string"), word("number"), word("boolean")}))});
        case Kind::integer:
            return numeric(shape, "integer");
        case Kind::number:
            return numeric(shape, "number");
        case Kind::boolean:
            return any_of({typed("boolean"), matching(substituted)});
        case Kind::duration:
            return any_of({matching(R"(^[0-9.]+ *(ns|us|ms|s|m|h|d)$|\$\{)"),
                           Value::of_map({entry("const", literal("0"))})});
        case Kind::bytes:
            return any_of({Value::of_map({entry("type", word("integer")), entry("minimum", literal("0"))}),
                           matching(R"(^[0-9.]+ *(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?$|\$\{)")});
        case Kind::percent:
            return matching(R"(^[0-9.]+ *%$|\$\{)");
        case Kind::choice: {
            Value names = Value::of_list();
            for (const auto& name : shape.choices) names.items.push_back(word(name));
            return any_of({Value::of_map({entry("enum", std::move(names))}), matching(substituted)});
        }
        case Kind::list:
            return Value::of_map({entry("type", word("array")), entry("items", of(*shape.item))});
        case Kind::map:
            return Value::of_map({entry("type", Value::of_list({word("object"), word("null")})),
                                  entry("additionalProperties", of(*shape.item))});
        case Kind::object:
            return properties(*shape.fields);
        case Kind::any:
            return Value::of_map();
        case Kind::either: {
            std::vector<Value> values;
            for (const auto& alternative : shape.alternatives) values.push_back(of(alternative));
            return any_of(std::move(values));
        }
    }
    return {};
}

}  // namespace

std::string json_schema(const std::vector<FieldDoc>& fields, const std::string& title) {
    Value out = properties(fields);
    out.entries.insert(out.entries.begin(),
                       {entry("$schema", word("https://json-schema.org/draft/2020-12/schema")),
                        entry("title", word(title))});
    return to_pretty_json(out);
}

}  // namespace halcyon::settings
