#include "devstack/mongo/matcher.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <regex>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/expression.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {

class Matcher::Node {
  public:
    virtual ~Node() = default;
    virtual bool matches(View document) const = 0;
};

bool is_operators(const Value& value) {
    if (!value.is_object()) return false;
    const View document = value.as_document();
    return !document.empty() && document.begin()->name.starts_with('$') && document.begin()->name != "$ref" &&
           document.begin()->name != "$id" && document.begin()->name != "$db";
}

namespace {

using NodePtr = std::unique_ptr<Matcher::Node>;

bool is_index(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

enum class Leaf { spread, whole };  // whether the items of an array at the end of a path are tested too

bool walk(View document, std::string_view path, Leaf leaf, const std::function<bool(const Value&)>& test) {
    const std::size_t dot = path.find('.');
    const Value value = document[path.substr(0, dot)];
    if (dot == std::string_view::npos) {
        if (leaf == Leaf::spread && value.is_array()) {
            for (const Element& item : value.as_document()) {
                if (test(item.value)) return true;
            }
        }
        return test(value);
    }
    const std::string_view rest = path.substr(dot + 1);
    if (value.is_object()) return walk(value.as_document(), rest, leaf, test);
    if (value.is_array()) {
        if (is_index(rest.substr(0, rest.find('.'))) && walk(value.as_document(), rest, leaf, test))
            return true;
        bool objects = false;
        for (const Element& item : value.as_document()) {
            if (!item.value.is_object()) continue;
            objects = true;
            if (walk(item.value.as_document(), rest, leaf, test)) return true;
        }
        return !objects && test(Value{});
    }
    return test(Value{});
}

std::regex make_regex(std::string_view pattern, std::string_view options) {
    auto flags = std::regex::ECMAScript;
    for (const char c : options) {
        if (c == 'i') flags |= std::regex::icase;
        if (c == 'm') flags |= std::regex::multiline;
        if (std::string_view("imsxu").find(c) == std::string_view::npos)
            throw CommandError(51108, std::string("invalid flag in regex options: ") + c);
    }
    try {
        return std::regex(std::string(pattern), flags);
    } catch (const std::regex_error& error) {
        throw CommandError(51091, std::string("Regular expression is invalid: ") + error.what());
    }
}

std::regex regex_of(const Value& value) {
    const std::string_view pattern(value.bytes.data());
    return make_regex(pattern, std::string_view(value.bytes.data() + pattern.size() + 1));
}

// ---- the tests of one value

using Test = std::function<bool(const Value&)>;

struct PathNode final : Matcher::Node {
    std::string path;
    Leaf leaf = Leaf::spread;
    bool negate = false;
    Test test;
    bool matches(View document) const override { return walk(document, path, leaf, test) != negate; }
};

NodePtr path_node(std::string_view path, Test test, Leaf leaf = Leaf::spread, bool negate = false) {
    auto node = std::make_unique<PathNode>();
    node->path = path;
    node->leaf = leaf;
    node->negate = negate;
    node->test = std::move(test);
    return node;
}

Test equality(const Value& operand) {
    if (operand.type == Type::null) return [](const Value& v) { return !v || v.type == Type::null; };
    if (operand.type == Type::regex) {
        return [regex = regex_of(operand), operand](const Value& v) {
            if (v.is_string()) return std::regex_search(std::string(v.as_string()), regex);
            return v.type == Type::regex && v.same(operand);
        };
    }
    return [operand](const Value& v) { return v && equal(v, operand); };
}

Test comparison(std::string_view op, const Value& operand) {
    const bool greater = op.starts_with("$gt");
    const bool or_equal = op.ends_with("e");
    // MongoDB's scan from the lowest key to the highest includes both ends.
    if ((operand.type == Type::min_key && greater) || (operand.type == Type::max_key && !greater))
        return [](const Value&) { return true; };
    return [operand, greater, or_equal](const Value& v) {
        const bool nullish = operand.type == Type::null;
        if (nullish) return or_equal && (!v || v.type == Type::null);
        if (!v || canonical_type(v.type) != canonical_type(operand.type)) return false;
        const int c = compare(v, operand);
        return c == 0 ? or_equal : (c > 0) == greater;
    };
}

std::vector<Type> types_of(const Value& operand) {
    static constexpr std::array all{
        Type::real,      Type::string,          Type::document, Type::array,   Type::binary,
        Type::undefined, Type::object_id,       Type::boolean,  Type::date,    Type::null,
        Type::regex,     Type::db_pointer,      Type::code,     Type::symbol,  Type::int32,
        Type::timestamp, Type::code_with_scope, Type::int64,    Type::decimal, Type::min_key,
        Type::max_key};
    if (operand.is_string()) {
        const std::string_view name = operand.as_string();
        if (name == "number") return {Type::real, Type::int32, Type::int64, Type::decimal};
        for (const Type type : all) {
            if (type_name(type) == name) return {type};
        }
        throw CommandError(2, "Unknown type name alias: " + std::string(name));
    }
    if (operand.is_number()) {
        const std::int64_t code = operand.as_int();
        for (const Type type : all) {
            const int number = type == Type::min_key ? -1 : static_cast<int>(type);
            if (number == code) return {type};
        }
        throw CommandError(2, "Invalid numerical type code: " + std::to_string(code));
    }
    if (operand.is_array()) {
        std::vector<Type> out;
        for (const Element& item : operand.as_document()) {
            const auto more = types_of(item.value);
            out.insert(out.end(), more.begin(), more.end());
        }
        return out;
    }
    throw CommandError(14, "type must be represented as a number or a string");
}

// ---- combinations

struct Group final : Matcher::Node {
    enum class Kind { all, any, none } kind = Kind::all;
    std::vector<NodePtr> items;
    bool matches(View document) const override {
        const auto test = [&](const NodePtr& node) { return node->matches(document); };
        switch (kind) {
            case Kind::all:
                return std::all_of(items.begin(), items.end(), test);
            case Kind::any:
                return std::any_of(items.begin(), items.end(), test);
            case Kind::none:
                return std::none_of(items.begin(), items.end(), test);
        }
        return false;
    }
};

struct ExpressionNode final : Matcher::Node {
    explicit ExpressionNode(const Value& value) : expression(value) {}
    Expression expression;
    bool matches(View document) const override { return expression.evaluate(document).view().truthy(); }
};

struct ConstantNode final : Matcher::Node {
    explicit ConstantNode(bool answer) : value(answer) {}
    bool value;
    bool matches(View) const override { return value; }
};

NodePtr parse_filter(View filter);
void parse_predicates(std::string_view path, View predicates, std::vector<NodePtr>& out);

NodePtr parse_element_match(std::string_view path, const Value& operand) {
    if (!operand.is_object()) throw CommandError(2, "$elemMatch needs an Object");
    const View inner = operand.as_document();
    const bool by_value = is_operators(operand) && inner.begin()->name != "$and" &&
                          inner.begin()->name != "$or" && inner.begin()->name != "$nor";
    if (by_value) {
        auto tests = std::make_shared<std::vector<NodePtr>>();
        parse_predicates("v", inner, *tests);
        return path_node(
            path,
            [tests](const Value& v) {
                if (!v.is_array()) return false;
                for (const Element& item : v.as_document()) {
                    const std::string wrapped = Builder().add("v", item.value).finish();
                    if (std::all_of(tests->begin(), tests->end(),
                                    [&](const auto& t) { return t->matches(View(wrapped)); }))
                        return true;
                }
                return false;
            },
            Leaf::whole);
    }
    std::shared_ptr<Matcher::Node> test = parse_filter(inner);
    return path_node(
        path,
        [test](const Value& v) {
            if (!v.is_array()) return false;
            for (const Element& item : v.as_document()) {
                if (item.value.is_object() && test->matches(item.value.as_document())) return true;
            }
            return false;
        },
        Leaf::whole);
}

NodePtr parse_in(std::string_view path, const Value& operand, bool negate) {
    if (!operand.is_array()) throw CommandError(2, negate ? "$nin needs an array" : "$in needs an array");
    auto keys = std::make_shared<std::vector<std::string>>();
    auto regexes = std::make_shared<std::vector<Test>>();
    bool null = false;
    for (const Element& item : operand.as_document()) {
        if (item.value.type == Type::regex)
            regexes->push_back(equality(item.value));
        else if (is_operators(item.value))
            throw CommandError(2, "cannot nest $ under $in");
        else
            keys->push_back(key_of(item.value));
        null |= item.value.type == Type::null;
    }
    std::sort(keys->begin(), keys->end());
    return path_node(
        path,
        [keys, regexes, null](const Value& v) {
            if (!v) return null;
            if (std::binary_search(keys->begin(), keys->end(), key_of(v))) return true;
            return std::any_of(regexes->begin(), regexes->end(), [&](const Test& test) { return test(v); });
        },
        Leaf::spread, negate);
}

NodePtr parse_predicate(std::string_view path, std::string_view op, const Value& operand, View siblings) {
    if (op == "$eq") return path_node(path, equality(operand));
    if (op == "$ne") return path_node(path, equality(operand), Leaf::spread, true);
    if (op == "$gt" || op == "$gte" || op == "$lt" || op == "$lte")
        return path_node(path, comparison(op, operand));
    if (op == "$in" || op == "$nin") return parse_in(path, operand, op == "$nin");
    if (op == "$exists")
        return path_node(
            path, [](const Value& v) { return static_cast<bool>(v); }, Leaf::whole, !operand.truthy());
    if (op == "$type") {
        return path_node(path, [types = types_of(operand)](const Value& v) {
            return v && std::find(types.begin(), types.end(), v.type) != types.end();
        });
    }
    if (op == "$size") {
        return path_node(
            path,
            [size = operand.as_int()](const Value& v) {
                if (!v.is_array()) return false;
                std::int64_t count = 0;
                for ([[maybe_unused]] const Element& item : v.as_document()) ++count;
                return count == size;
            },
            Leaf::whole);
    }
    if (op == "$mod") {
        if (!operand.is_array()) throw CommandError(2, "malformed mod, needs to be an array");
        const std::int64_t divisor = operand.as_document()["0"].as_int();
        const std::int64_t remainder = operand.as_document()["1"].as_int();
        if (divisor == 0) throw CommandError(2, "divisor cannot be 0");
        return path_node(path, [divisor, remainder](const Value& v) {
            return v.is_number() && v.as_int() % divisor == remainder;
        });
    }
    if (op == "$regex") {
        const Value options = siblings["$options"];
        const std::regex regex = operand.type == Type::regex
                                     ? regex_of(operand)
                                     : make_regex(operand.as_string(), options ? options.as_string() : "");
        return path_node(path, [regex](const Value& v) {
            return v.is_string() && std::regex_search(std::string(v.as_string()), regex);
        });
    }
    if (op == "$not") {
        auto group = std::make_unique<Group>();
        group->kind = Group::Kind::none;
        if (operand.type == Type::regex) {
            group->items.push_back(path_node(path, equality(operand)));
            return group;
        }
        if (!operand.is_object()) throw CommandError(2, "$not needs a regex or a document");
        auto inner = std::make_unique<Group>();
        parse_predicates(path, operand.as_document(), inner->items);
        group->items.push_back(std::move(inner));
        return group;
    }
    if (op == "$all") {
        if (!operand.is_array()) throw CommandError(2, "$all needs an array");
        auto group = std::make_unique<Group>();
        for (const Element& item : operand.as_document())
            group->items.push_back(path_node(path, equality(item.value)));
        if (group->items.empty()) return std::make_unique<ConstantNode>(false);
        return group;
    }
    if (op == "$elemMatch") return parse_element_match(path, operand);
    throw CommandError(2, "unknown operator: " + std::string(op));
}

void parse_predicates(std::string_view path, View predicates, std::vector<NodePtr>& out) {
    for (const Element& element : predicates) {
        if (element.name == "$options" && predicates["$regex"]) continue;
        if (element.name == "$comment") continue;
        out.push_back(parse_predicate(path, element.name, element.value, predicates));
    }
}

NodePtr parse_list(const Value& operand, Group::Kind kind, std::string_view op) {
    if (!operand.is_array()) throw CommandError(2, std::string(op) + " must be an array");
    auto group = std::make_unique<Group>();
    group->kind = kind;
    for (const Element& item : operand.as_document()) {
        if (!item.value.is_object()) throw CommandError(2, "$or/$and/$nor entries need to be full objects");
        group->items.push_back(parse_filter(item.value.as_document()));
    }
    if (group->items.empty()) throw CommandError(2, "$and/$or/$nor must be a nonempty array");
    return group;
}

NodePtr parse_filter(View filter) {
    auto all = std::make_unique<Group>();
    for (const Element& element : filter) {
        if (element.name.starts_with('$')) {
            if (element.name == "$and")
                all->items.push_back(parse_list(element.value, Group::Kind::all, "$and"));
            else if (element.name == "$or")
                all->items.push_back(parse_list(element.value, Group::Kind::any, "$or"));
            else if (element.name == "$nor")
                all->items.push_back(parse_list(element.value, Group::Kind::none, "$nor"));
            else if (element.name == "$expr")
                all->items.push_back(std::make_unique<ExpressionNode>(element.value));
            else if (element.name != "$comment")
                throw CommandError(2, "unknown top level operator: " + std::string(element.name));
        } else if (is_operators(element.value)) {
            parse_predicates(element.name, element.value.as_document(), all->items);
        } else {
            all->items.push_back(path_node(element.name, equality(element.value)));
        }
    }
    return all;
}

}  // namespace

Matcher::Matcher(View filter)
    : filter_(std::make_shared<std::string>(filter.bytes().empty() ? Builder().finish()
                                                                   : std::string(filter.bytes()))),
      root_(parse_filter(View(*filter_))) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
bool Matcher::matches(View document) const { return root_->matches(document); }
bool Matcher::everything() const { return View(*filter_).empty(); }

bool any_at_path(View document, std::string_view path, const std::function<bool(const Value&)>& test) {
    return walk(document, path, Leaf::spread, test);
}

}  // namespace halcyon::devstack::mongo
