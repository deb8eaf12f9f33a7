#include "devstack/mongo/expression.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

using Evaluate = std::function<OwnedValue(View)>;

OwnedValue at_path(const Value& value, std::string_view path) {
    if (value.is_array()) {
        ArrayBuilder items;
        for (const Element& item : value.as_document()) {
            if (!item.value.is_object()) continue;
            const OwnedValue found = at_path(item.value, path);
            if (found.type != Type::end) items.add(found.view());
        }
        return OwnedValue::array(items.finish());
    }
    if (!value.is_object()) return {};
    const std::size_t dot = path.find('.');
    const Value next = value.as_document()[path.substr(0, dot)];
    if (!next || dot == std::string_view::npos) return OwnedValue(next);
    return at_path(next, path.substr(dot + 1));
}

bool nullish(const OwnedValue& value) {
    return value.type == Type::end || value.type == Type::null || value.type == Type::undefined;
}

OwnedValue arithmetic(std::string_view op, const std::vector<OwnedValue>& values) {
    bool real = op == "$divide";
    bool wide = false;
    for (const OwnedValue& value : values) {
        if (nullish(value)) return OwnedValue::null();
        if (!value.view().is_number() && value.type != Type::date)
            throw CommandError(16554, std::string(op) + " only supports numeric or date types, not " +
                                          std::string(type_name(value.type)));
        real |= value.type == Type::real || value.type == Type::decimal;
        wide |= value.type == Type::int64;
    }
    double sum = op == "$multiply" ? 1 : 0;
    std::int64_t whole = op == "$multiply" ? 1 : 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = values[i].view().as_double();
        const std::int64_t n = values[i].view().as_int();
        if (i == 0 && (op == "$subtract" || op == "$divide" || op == "$mod")) {
            sum = x;
            whole = n;
        } else if (op == "$add") {
            sum += x;
            whole += n;
        } else if (op == "$subtract") {
            sum -= x;
            whole -= n;
        } else if (op == "$multiply") {
            sum *= x;
            whole *= n;
        } else if (op == "$divide") {
            if (x == 0) throw CommandError(2, "can't $divide by zero");
            sum /= x;
        } else {
            if (x == 0) throw CommandError(16610, "can't $mod by zero");
            sum = std::fmod(sum, x);
            whole = n == 0 ? 0 : whole % n;
        }
    }
    if (real) return OwnedValue::of(sum);
    if (wide || whole > INT32_MAX || whole < INT32_MIN) return OwnedValue::of(whole);
    return OwnedValue::of(static_cast<std::int32_t>(whole));
}

OwnedValue text_of(const OwnedValue& value) {
    if (nullish(value)) return OwnedValue::null();
    if (value.view().is_string()) return value;
    std::string text = to_text(value.view());
    if (value.type == Type::object_id) text = text.substr(10, 24);
    return OwnedValue::of(std::string_view(text));
}

Evaluate parse(const Value& value);

std::vector<Evaluate> parse_arguments(const Value& value) {
    std::vector<Evaluate> out;
    if (value.is_array()) {
        for (const Element& item : value.as_document()) out.push_back(parse(item.value));
    } else {
        out.push_back(parse(value));
    }
    return out;
}

OwnedValue apply_operator(std::string_view op, const std::vector<OwnedValue>& v) {
    const auto first = [&] { return v.empty() ? Value{} : v[0].view(); };
    const auto order = [&] { return v.size() > 1 ? compare(v[0].view(), v[1].view()) : 0; };
    if (op == "$eq") return OwnedValue::of(order() == 0);
    if (op == "$ne") return OwnedValue::of(order() != 0);
    if (op == "$gt") return OwnedValue::of(order() > 0);
    if (op == "$gte") return OwnedValue::of(order() >= 0);
    if (op == "$lt") return OwnedValue::of(order() < 0);
    if (op == "$lte") return OwnedValue::of(order() <= 0);
    if (op == "$cmp")
        return OwnedValue::of(static_cast<std::int32_t>(order() < 0 ? -1 : (order() > 0 ? 1 : 0)));
    if (op == "$not") return OwnedValue::of(!first().truthy());
    if (op == "$and")
        return OwnedValue::of(std::all_of(v.begin(), v.end(), [](auto& x) { return x.view().truthy(); }));
    if (op == "$or")
        return OwnedValue::of(std::any_of(v.begin(), v.end(), [](auto& x) { return x.view().truthy(); }));
    if (op == "$ifNull") return v.size() > 1 && nullish(v[0]) ? v[1] : v.at(0);
    if (op == "$type") return OwnedValue::of(type_name(first().type));
    if (op == "$toString") return text_of(v.at(0));
    if (op == "$size") {
        if (!first().is_array()) throw CommandError(17124, "The argument to $size must be an array");
        std::int32_t count = 0;
        for ([[maybe_unused]] const Element& item : first().as_document()) ++count;
        return OwnedValue::of(count);
    }
    if (op == "$bsonSize") return OwnedValue::of(static_cast<std::int32_t>(first().bytes.size()));
    if (op == "$concat") {
        std::string out;
        for (const OwnedValue& part : v) {
            if (nullish(part)) return OwnedValue::null();
            if (!part.view().is_string()) throw CommandError(16702, "$concat only supports strings");
            out += part.view().as_string();
        }
        return OwnedValue::of(std::string_view(out));
    }
    if (op == "$in") {
        if (v.size() < 2 || !v[1].view().is_array())
            throw CommandError(40081, "$in requires an array as a second argument");
        for (const Element& item : v[1].view().as_document()) {
            if (equal(item.value, v[0].view())) return OwnedValue::of(true);
        }
        return OwnedValue::of(false);
    }
    return arithmetic(op, v);
}

bool known(std::string_view op) {
    static constexpr std::string_view ops[] = {
        "$eq",  "$ne",  "$gt",       "$gte",      "$lt",       "$lte",  "$cmp",      "$not",
        "$and", "$or",  "$ifNull",   "$type",     "$toString", "$size", "$bsonSize", "$concat",
        "$in",  "$add", "$subtract", "$multiply", "$divide",   "$mod"};
    return std::find(std::begin(ops), std::end(ops), op) != std::end(ops);
}

Evaluate parse_operator(std::string_view op, const Value& operand) {
    if (op == "$literal") {
        return [owned = OwnedValue(operand)](View) { return owned; };
    }
    if (op == "$cond") {
        std::vector<Evaluate> parts;
        if (operand.is_object()) {
            for (const char* name : {"if", "then", "else"})
                parts.push_back(parse(operand.as_document()[name]));
        } else {
            parts = parse_arguments(operand);
        }
        if (parts.size() != 3) throw CommandError(16020, "Expression $cond takes exactly 3 arguments");
        return [parts](View document) {
            return parts[0](document).view().truthy() ? parts[1](document) : parts[2](document);
        };
    }
    if (!known(op)) throw CommandError(168, "Unrecognized expression '" + std::string(op) + "'");
    return [name = std::string(op), parts = parse_arguments(operand)](View document) {
        std::vector<OwnedValue> values;
        for (const Evaluate& part : parts) values.push_back(part(document));
        return apply_operator(name, values);
    };
}

Evaluate parse_variable(std::string_view text) {
    if (text == "$$NOW") {
        return [](View) {
            return OwnedValue::date(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
        };
    }
    const bool root = text.starts_with("$$ROOT") || text.starts_with("$$CURRENT");
    if (text == "$$REMOVE") return [](View) { return OwnedValue(); };
    if (!root) throw CommandError(17276, "Use of undefined variable: " + std::string(text.substr(2)));
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos)
        return [](View document) { return OwnedValue::document(std::string(document.bytes())); };
    return [path = std::string(text.substr(dot + 1))](View document) {
        return at_path(Value{Type::document, document.bytes()}, path);
    };
}

Evaluate parse(const Value& value) {
    if (value.is_string() && value.as_string().starts_with("$$")) return parse_variable(value.as_string());
    if (value.is_string() && value.as_string().starts_with('$')) {
        if (value.as_string().size() == 1)
            throw CommandError(16872, "'$' by itself is not a valid FieldPath");
        return [path = std::string(value.as_string().substr(1))](View document) {
            return at_path(Value{Type::document, document.bytes()}, path);
        };
    }
    if (value.is_object()) {
        const View document = value.as_document();
        if (!document.empty() && document.begin()->name.starts_with('$'))
            return parse_operator(document.begin()->name, document.begin()->value);
        std::vector<std::pair<std::string, Evaluate>> fields;
        for (const Element& element : document)
            fields.emplace_back(std::string(element.name), parse(element.value));
        return [fields](View input) {
            Builder out;
            for (const auto& [name, evaluate] : fields) {
                const OwnedValue result = evaluate(input);
                if (result.type != Type::end) out.add(name, result.view());
            }
            return OwnedValue::document(out.finish());
        };
    }
    if (value.is_array()) {
        return [items = parse_arguments(value)](View input) {
            ArrayBuilder out;
            for (const Evaluate& item : items) {
                const OwnedValue result = item(input);
                out.add(result.type == Type::end ? OwnedValue::null().view() : result.view());
            }
            return OwnedValue::array(out.finish());
        };
    }
    return [owned = OwnedValue(value)](View) { return owned; };
}

}  // namespace

Expression::Expression(const Value& value) : evaluate_(parse(value)) {}

}  // namespace halcyon::devstack::mongo
