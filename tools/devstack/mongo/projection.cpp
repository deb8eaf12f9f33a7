#include "devstack/mongo/projection.hpp"

#include <optional>
#include <vector>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/expression.hpp"

namespace halcyon::devstack::mongo {

struct Projection::Node {
    enum class Rule { keep, drop, compute, nested };
    struct Field {
        std::string name;
        Rule rule = Rule::keep;
        std::optional<Expression> expression;
        std::unique_ptr<Node> nested;
    };
    std::vector<Field> fields;
    bool others = false;  // whether what is not named stays

    Field* find(std::string_view name) {
        for (Field& field : fields) {
            if (field.name == name) return &field;
        }
        return nullptr;
    }
    Field& make(std::string_view name, Rule rule) {
        if (Field* field = find(name)) {
            field->rule = rule;
            return *field;
        }
        Field& field = fields.emplace_back();
        field.name = name;
        field.rule = rule;
        return field;
    }
};

namespace {

using Node = Projection::Node;
using Rule = Node::Rule;

Node::Field& place(Node& node, std::string_view path, Rule rule) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return node.make(path, rule);
    Node::Field& field = node.make(path.substr(0, dot), Rule::nested);
    if (!field.nested) {
        field.nested = std::make_unique<Node>();
        field.nested->others = node.others;
    }
    return place(*field.nested, path.substr(dot + 1), rule);
}

void set_others(Node& node, bool others) {
    node.others = others;
    for (auto& field : node.fields) {
        if (field.nested) set_others(*field.nested, others);
    }
}

void apply(const Node& node, View document, Builder& out);

void apply_nested(const Node& node, std::string_view name, const Value& value, bool computes, Builder& out) {
    if (value.is_object()) {
        out.begin_document(name);
        apply(node, value.as_document(), out);
        out.end();
    } else if (value.is_array()) {
        out.begin_array(name);
        std::size_t i = 0;
        for (const Element& item : value.as_document()) {
            if (item.value.is_object() || item.value.is_array())
                apply_nested(node, Builder::index(i++), item.value, computes, out);
            else if (node.others)
                out.add(Builder::index(i++), item.value);
        }
        out.end();
    } else if (node.others && !computes) {
        out.add(name, value);
    }
}

void apply(const Node& node, View document, Builder& out) {
    for (auto it = document.begin(); it != View::Iterator(); ++it) {
        const Node::Field* field = const_cast<Node&>(node).find(it->name);
        if (field == nullptr) {
            if (node.others) out.raw(it.raw());
        } else if (field->rule == Rule::keep) {
            out.raw(it.raw());
        } else if (field->rule == Rule::nested) {
            apply_nested(*field->nested, it->name, it->value, false, out);
        }
    }
}

// Computed fields see the whole input; they replace or follow what was kept.
bool has_computed(const Node& node) {
    for (const auto& field : node.fields) {
        if (field.rule == Rule::compute || (field.nested && has_computed(*field.nested))) return true;
    }
    return false;
}

std::string compute(const Node& node, View kept, View input) {
    Builder out;
    std::vector<bool> done(node.fields.size(), false);
    const auto emit = [&](std::size_t i, const Value& existing) {
        const Node::Field& field = node.fields[i];
        done[i] = true;
        if (field.rule == Rule::compute) {
            const OwnedValue value = field.expression->evaluate(input);
            if (value.type != Type::end) out.add(field.name, value.view());
        } else if (field.rule == Rule::nested && has_computed(*field.nested)) {
            const View inner = existing.is_object() ? existing.as_document() : View();
            out.add(field.name, View(compute(*field.nested, inner, input)));
        } else if (existing) {
            out.add(field.name, existing);
        }
    };
    for (auto it = kept.begin(); it != View::Iterator(); ++it) {
        std::size_t i = 0;
        while (i < node.fields.size() && node.fields[i].name != it->name) ++i;
        if (i == node.fields.size())
            out.raw(it.raw());
        else
            emit(i, it->value);
    }
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
        if (!done[i]) emit(i, Value{});
    }
    return out.finish();
}

bool is_flag(const Value& value) { return value.is_number() || value.type == Type::boolean; }

struct Kinds {
    bool includes = false;
    bool excludes = false;
};

void parse(Projection::Kind kind, Node& root, const std::string& prefix, View spec, Kinds& kinds) {
    for (const Element& element : spec) {
        const std::string path = prefix + std::string(element.name);
        const Value& value = element.value;
        if (kind != Projection::Kind::add_fields && is_flag(value)) {
            const bool keep = value.truthy();
            place(root, path, keep ? Rule::keep : Rule::drop);
            if (path != "_id") (keep ? kinds.includes : kinds.excludes) = true;
        } else if (value.is_object() && !value.as_document().empty() &&
                   !value.as_document().begin()->name.starts_with('$')) {
            if (kind == Projection::Kind::find) throw CommandError(2, ">1 field in obj: " + to_text(value));
            parse(kind, root, path + ".", value.as_document(), kinds);
        } else {
            if (kind == Projection::Kind::find)
                throw CommandError(2, "Unsupported projection option: " + path + ": " + to_text(value));
            place(root, path, Rule::compute).expression.emplace(value);
            if (kind == Projection::Kind::project) kinds.includes = true;
        }
    }
}

}  // namespace

Projection::Projection(Kind kind, View spec) : root_(std::make_unique<Node>()) {
    if (kind == Kind::unset) {
        root_->others = true;
        for (const Element& item : spec) {
            if (!item.value.is_string())
                throw CommandError(31002, "$unset specification must be a string or an array");
            place(*root_, item.value.as_string(), Rule::drop);
        }
        set_others(*root_, true);
        return;
    }
    if (kind == Kind::project && spec.empty())
        throw CommandError(40177,
                           "Invalid $project :: caused by :: specification must have at least one field");
    Kinds kinds;
    parse(kind, *root_, "", spec, kinds);
    if (kinds.includes && kinds.excludes) {
        throw CommandError(kind == Kind::find ? 2 : 40178,
                           kind == Kind::find
                               ? "Projection cannot have a mix of inclusion and exclusion."
                               : "Bad projection specification, cannot exclude fields other than '_id' in an "
                                 "inclusion projection: " +
                                     to_text(spec));
    }
    const Node::Field* id = root_->find("_id");
    const bool only_id_kept = !kinds.includes && !kinds.excludes && id != nullptr && id->rule == Rule::keep;
    set_others(*root_, kind == Kind::add_fields || (!kinds.includes && !only_id_kept));
    if (!root_->others && id == nullptr) place(*root_, "_id", Rule::keep);
}
Projection::~Projection() = default;
Projection::Projection(Projection&&) noexcept = default;
Projection& Projection::operator=(Projection&&) noexcept = default;

std::string Projection::apply(View document) const {
    Builder out;
    mongo::apply(*root_, document, out);
    std::string kept = out.finish();
    return has_computed(*root_) ? compute(*root_, View(kept), document) : kept;
}

}  // namespace halcyon::devstack::mongo
