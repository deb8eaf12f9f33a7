#include "devstack/mongo/modifiers.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/matcher.hpp"

namespace halcyon::devstack::mongo {
namespace {

constexpr std::array<std::string_view, 13> modifiers{
    "$set",  "$unset",    "$inc",    "$mul",         "$min",         "$max", "$push",
    "$pull", "$addToSet", "$rename", "$currentDate", "$setOnInsert", "$pop"};

bool is_index(std::string_view text) {
    return !text.empty() && text.size() < 8 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// The place of a path, made where it isn't there and `make` says so; null where it isn't and must not be
// made.
Tree* walk(Tree& root, std::string_view path, bool make) {
    Tree* at = &root;
    while (true) {
        const std::size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        if (name.starts_with('$'))
            throw CommandError(2, "The positional operator did not find the match needed from the query.");
        if (!at->container()) {
            if (!make) return nullptr;
            throw CommandError(28, "Cannot create field '" + std::string(name) + "' in element {" + at->name +
                                       ": " + to_text(at->value.view()) + "}");
        }
        Tree* next = at->find(name);
        if (next == nullptr) {
            if (!make) return nullptr;
            if (at->value.type == Type::array) {
                if (!is_index(name))
                    throw CommandError(28, "Cannot create field '" + std::string(name) + "' in element {" +
                                               at->name + ": " + to_text(at->current().view()) + "}");
                const auto wanted = static_cast<std::size_t>(std::stoul(std::string(name)));
                if (wanted > 1500000)
                    throw CommandError(2, "can't backfill array to larger than 1500000 elements");
                while (at->children.size() <= wanted)
                    at->children.emplace_back(Builder::index(at->children.size()), OwnedValue::null().view());
                next = &at->children.back();
                next->value = OwnedValue();
            } else {
                next = &at->children.emplace_back();
                next->name = name;
            }
        }
        if (dot == std::string_view::npos) return next;
        if (next->value.type == Type::end) next->set(OwnedValue::document(Builder().finish()).view());
        at = next;
        path = path.substr(dot + 1);
    }
}

Tree* existing(Tree& root, std::string_view path) { return walk(root, path, false); }

void put(Tree& root, const std::string& path, const Value& value, Changes& changes) {
    Tree* at = existing(root, path);
    if (at != nullptr && at->current().view().same(value)) return;
    if (at == nullptr) at = walk(root, path, true);
    at->set(value);
    changes.set(path, value);
}

void unset(Tree& root, const std::string& path, Changes& changes) {
    if (existing(root, path) == nullptr) return;
    const std::size_t dot = path.rfind('.');
    Tree* parent = dot == std::string::npos ? &root : existing(root, std::string_view(path).substr(0, dot));
    const std::string name = path.substr(dot == std::string::npos ? 0 : dot + 1);
    if (parent->value.type == Type::array) {
        parent->find(name)->set(OwnedValue::null().view());
        changes.set(path, OwnedValue::null().view());
        return;
    }
    const auto it = std::find_if(parent->children.begin(), parent->children.end(),
                                 [&](const Tree& t) { return t.name == name; });
    parent->children.erase(it);
    changes.removed.push_back(path);
    changes.any = true;
}

OwnedValue arithmetic(const Modifier& modifier, const Value& before) {
    const Value operand = modifier.operand.view();
    const bool multiply = modifier.op == "$mul";
    if (!operand.is_number())
        throw CommandError(14, "Cannot " + std::string(multiply ? "multiply" : "increment") +
                                   " with non-numeric argument: {" + modifier.path + ": " + to_text(operand) +
                                   "}");
    if (before && !before.is_number())
        throw CommandError(14, "Cannot apply " + modifier.op + " to a value of non-numeric type. {" +
                                   modifier.path + "} has the field of non-numeric type " +
                                   std::string(type_name(before.type)));
    if (!before) return multiply ? OwnedValue::of(std::int32_t{0}) : OwnedValue(operand);
    if (before.type == Type::decimal || operand.type == Type::decimal)
        throw CommandError(2, "halcyon-devstack does no arithmetic on decimals");
    if (before.type == Type::real || operand.type == Type::real)
        return OwnedValue::of(multiply ? before.as_double() * operand.as_double()
                                       : before.as_double() + operand.as_double());
    std::int64_t out = 0;
    const bool overflow = multiply ? __builtin_mul_overflow(before.as_int(), operand.as_int(), &out)
                                   : __builtin_add_overflow(before.as_int(), operand.as_int(), &out);
    if (overflow) throw CommandError(2, "Failed to apply " + modifier.op + " operations to current value");
    const bool small =
        before.type == Type::int32 && operand.type == Type::int32 && out >= INT32_MIN && out <= INT32_MAX;
    return small ? OwnedValue::of(static_cast<std::int32_t>(out)) : OwnedValue::of(out);
}

Tree* array_at(Tree& root, const Modifier& modifier, bool make) {
    Tree* at = existing(root, modifier.path);
    if (at == nullptr && make) {
        at = walk(root, modifier.path, true);
        at->set(OwnedValue::array(Builder().finish()).view());
        return at;
    }
    if (at != nullptr && at->value.type != Type::array)
        throw CommandError(2, "The field '" + modifier.path + "' must be an array but is of type " +
                                  std::string(type_name(at->value.type)) + " in document");
    return at;
}

void push(Tree& root, const Modifier& modifier, Changes& changes) {
    const Value operand = modifier.operand.view();
    const bool each = operand.is_object() && operand.as_document()["$each"];
    const bool created = existing(root, modifier.path) == nullptr;
    std::vector<Value> items{operand};
    std::optional<std::int64_t> slice;
    std::optional<std::int64_t> position;
    if (each) {
        items.clear();
        for (const Element& element : operand.as_document()) {
            if (element.name == "$each") {
                if (!element.value.is_array())
                    throw CommandError(2, "The argument to $each in $push must be an array");
                for (const Element& item : element.value.as_document()) items.push_back(item.value);
            } else if (element.name == "$slice") {
                slice = element.value.as_int();
            } else if (element.name == "$position") {
                position = element.value.as_int();
            } else {
                throw CommandError(2, "Unrecognized clause in $push: " + std::string(element.name));
            }
        }
    }
    Tree* at = array_at(root, modifier, true);
    at->open();
    const std::size_t before = at->children.size();
    std::size_t where = before;
    if (position) {
        const auto size = static_cast<std::int64_t>(before);
        where = static_cast<std::size_t>(
            std::clamp<std::int64_t>(*position < 0 ? size + *position : *position, 0, size));
    }
    std::size_t offset = where;
    for (const Value& item : items)
        at->children.emplace(at->children.begin() + static_cast<std::ptrdiff_t>(offset++), "", item);
    bool cut = false;
    while (slice && at->children.size() > static_cast<std::size_t>(std::abs(*slice))) {
        *slice < 0 ? at->children.pop_front() : at->children.pop_back();
        cut = true;
    }
    if (items.empty() && !cut && !created) return;
    if (cut || created || where != before) return changes.set(modifier.path, at->current().view());
    for (std::size_t i = before; i < at->children.size(); ++i)
        changes.set(modifier.path + "." + std::to_string(i), at->children[i].value.view());
}

void add_to_set(Tree& root, const Modifier& modifier, Changes& changes) {
    const Value operand = modifier.operand.view();
    std::vector<Value> items{operand};
    if (operand.is_object() && operand.as_document()["$each"]) {
        items.clear();
        for (const Element& item : operand.as_document()["$each"].as_document()) items.push_back(item.value);
    }
    const bool created = existing(root, modifier.path) == nullptr;
    Tree* at = array_at(root, modifier, true);
    at->open();
    const std::size_t before = at->children.size();
    for (const Value& item : items) {
        const bool there = std::any_of(at->children.begin(), at->children.end(), [&](const Tree& child) {
            return equal(child.current().view(), item);
        });
        if (!there) at->children.emplace_back("", item);
    }
    if (created) return changes.set(modifier.path, at->current().view());
    for (std::size_t i = before; i < at->children.size(); ++i)
        changes.set(modifier.path + "." + std::to_string(i), at->children[i].value.view());
}

void pull(Tree& root, const Modifier& modifier, Changes& changes) {
    Tree* at = array_at(root, modifier, false);
    if (at == nullptr) return;
    const Value operand = modifier.operand.view();
    const bool condition = operand.is_object();
    const bool operators =
        condition && !operand.as_document().empty() && operand.as_document().begin()->name.starts_with('$');
    std::optional<Matcher> matcher;
    if (operators)
        matcher.emplace(View(Builder().add("v", operand).finish()));
    else if (condition)
        matcher.emplace(operand.as_document());
    at->open();
    const std::size_t before = at->children.size();
    std::erase_if(at->children, [&](const Tree& child) {
        const OwnedValue value = child.current();
        if (!matcher) return equal(value.view(), operand);
        if (operators) return matcher->matches(View(Builder().add("v", value.view()).finish()));
        return value.type == Type::document && matcher->matches(value.view().as_document());
    });
    if (at->children.size() != before) changes.set(modifier.path, at->current().view());
}

}  // namespace

bool known_modifier(std::string_view name) {
    return std::find(modifiers.begin(), modifiers.end(), name) != modifiers.end();
}

Tree* place_at(Tree& root, std::string_view path) { return walk(root, path, true); }

void apply_modifier(Tree& root, const Modifier& modifier, bool upserting, Changes& changes) {
    const Value operand = modifier.operand.view();
    const std::string& path = modifier.path;
    if (modifier.op == "$set") return put(root, path, operand, changes);
    if (modifier.op == "$setOnInsert") return upserting ? put(root, path, operand, changes) : void();
    if (modifier.op == "$unset") return unset(root, path, changes);
    if (modifier.op == "$push") return push(root, modifier, changes);
    if (modifier.op == "$pull") return pull(root, modifier, changes);
    if (modifier.op == "$addToSet") return add_to_set(root, modifier, changes);
    if (modifier.op == "$currentDate") {
        const bool stamp = operand.is_object() && operand.as_document()["$type"].is_string() &&
                           operand.as_document()["$type"].as_string() == "timestamp";
        OwnedValue value = OwnedValue::date(now_ms());
        if (stamp) {
            value = OwnedValue::of((now_ms() / 1000) << 32 | 1);
            value.type = Type::timestamp;
        }
        return put(root, path, value.view(), changes);
    }
    const Tree* at = existing(root, path);
    const OwnedValue before = at == nullptr ? OwnedValue() : at->current();
    if (modifier.op == "$inc" || modifier.op == "$mul")
        return put(root, path, arithmetic(modifier, before.view()).view(), changes);
    if (modifier.op == "$min" || modifier.op == "$max") {
        const int c = before.type == Type::end ? 0 : compare(operand, before.view());
        if (before.type == Type::end || (modifier.op == "$min" ? c < 0 : c > 0))
            put(root, path, operand, changes);
        return;
    }
    if (modifier.op == "$rename") {
        if (before.type == Type::end) return;
        unset(root, path, changes);
        return put(root, std::string(operand.as_string()), before.view(), changes);
    }
    if (before.type == Type::end) return;
    Tree* array = array_at(root, modifier, false);
    array->open();
    if (array->children.empty()) return;
    operand.as_int() < 0 ? array->children.pop_front() : array->children.pop_back();
    changes.set(path, array->current().view());
}

std::string describe(const Changes& changes) {
    Builder out;
    out.begin_document("updatedFields");
    for (const auto& [path, value] : changes.updated) out.add(path, value.view());
    out.end().begin_array("removedFields");
    std::size_t i = 0;
    for (const std::string& path : changes.removed) out.add(Builder::index(i++), path);
    out.end();
    return out.finish();
}

}  // namespace halcyon::devstack::mongo
