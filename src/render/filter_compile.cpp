#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/json_text.hpp"
#include "render/filter_tree.hpp"
#include "settings/similar.hpp"

namespace halcyon::render {
namespace {

using Kind = FilterNode::Kind;
using Test = FilterNode::Test;
using bson::Type;

const std::vector<std::string> operators{"$eq", "$ne",  "$in",     "$nin", "$gt", "$gte",
                                         "$lt", "$lte", "$exists", "$and", "$or", "$not"};

auto refuse(std::string why) { return fail(Verdict::reject, Cause::invalid, "filter: " + std::move(why)); }

std::string shown(const bson::Value& value) {
    std::string out;
    json::append_extended(out, value, json::Form::relaxed);
    return out;
}

auto unknown(std::string_view name) {
    const auto meant = settings::similar(name, operators);
    return refuse(
        fmt::format("{} is no operator here{}; there are $eq $ne $in $nin $gt $gte $lt $lte $exists $and "
                    "$or $not",
                    name, meant ? fmt::format(", did you mean {}?", *meant) : ""));
}

std::optional<Test> comparison(std::string_view name) {
    if (name == "$gt") return Test::greater;
    if (name == "$gte") return Test::greater_or_equal;
    if (name == "$lt") return Test::less;
    if (name == "$lte") return Test::less_or_equal;
    return std::nullopt;
}

FilterNode test(const Path& path, Test kind, std::vector<bson::Value> operands) {
    FilterNode node;
    node.kind = Kind::test;
    node.path = path;
    node.test = kind;
    node.operands = std::move(operands);
    return node;
}

FilterNode none_of(FilterNode child) {
    FilterNode node;
    node.kind = Kind::none;
    node.children.push_back(std::move(child));
    return node;
}

Result<void> usable(const Path& path, const bson::Value& operand) {
    if (operand.type == Type::regex)
        return refuse(
            fmt::format("{} is compared with a regular expression, which is not supported", path.text()));
    if (operand.type == Type::undefined)
        return refuse(fmt::format("{} is compared with undefined; null also means missing", path.text()));
    return success();
}

Result<FilterNode> membership(const Path& path, std::string_view name, const bson::Value& list) {
    if (list.type != Type::array)
        return refuse(
            fmt::format(R"({} of {} needs a list, like {{"{}": ["a", "b"]}})", name, path.text(), name));
    std::vector<bson::Value> operands;
    bson::Reader reader(list.bytes);
    for (bson::Field element; reader.next(element);) {
        HALCYON_TRY(usable(path, element.value));
        operands.push_back(element.value);
    }
    return test(path, Test::in, std::move(operands));
}

Result<FilterNode> existence(const Path& path, const bson::Value& wanted) {
    bool yes = false;
    if (wanted.type == Type::boolean)
        yes = wanted.boolean();
    else if (wanted.type == Type::int32)
        yes = wanted.int32() != 0;
    else
        return refuse(fmt::format("$exists of {} needs true or false, not {}", path.text(), shown(wanted)));
    auto node = test(path, Test::exists, {});
    return yes ? std::move(node) : none_of(std::move(node));
}

bool is_operators(const bson::Value& value) {
    if (value.type != Type::object) return false;
    bson::Reader reader(value.bytes);
    bson::Field first;
    return reader.next(first) && first.key.starts_with('$');
}

Result<FilterNode> field(const Path& path, const bson::Value& condition);

Result<FilterNode> one(const Path& path, const bson::Field& f) {
    if (f.key == "$eq" || f.key == "$ne") {
        HALCYON_TRY(usable(path, f.value));
        auto equal = test(path, Test::equal, {f.value});
        return f.key == "$eq" ? std::move(equal) : none_of(std::move(equal));
    }
    if (f.key == "$in" || f.key == "$nin") {
        HALCYON_TRY(auto&& in, membership(path, f.key, f.value));
        return f.key == "$in" ? std::move(in) : none_of(std::move(in));
    }
    if (const auto compared = comparison(f.key)) {
        HALCYON_TRY(usable(path, f.value));
        return test(path, *compared, {f.value});
    }
    if (f.key == "$exists") return existence(path, f.value);
    if (f.key == "$not") {
        if (!is_operators(f.value))
            return refuse(
                fmt::format(R"($not of {} needs operators, like {{"$not": {{"$gt": 5}}}})", path.text()));
        HALCYON_TRY(auto&& inside, field(path, f.value));
        return none_of(std::move(inside));
    }
    if (f.key == "$and" || f.key == "$or")
        return refuse(fmt::format(R"({} stands outside of fields, like {{"{}": [{{"{}": 1}}, ..]}})", f.key,
                                  f.key, path.text()));
    if (!f.key.starts_with('$'))
        return refuse(fmt::format("{} mixes operators with the field {}", path.text(), f.key));
    return unknown(f.key);
}

/// `{field: condition}`: operators, all of which must hold, or a value to equal.
Result<FilterNode> field(const Path& path, const bson::Value& condition) {
    if (!is_operators(condition)) {
        HALCYON_TRY(usable(path, condition));
        return test(path, Test::equal, {condition});
    }
    FilterNode all;
    bson::Reader reader(condition.bytes);
    for (bson::Field f; reader.next(f);) {
        HALCYON_TRY(auto&& node, one(path, f));
        all.children.push_back(std::move(node));
    }
    return all.children.size() == 1 ? std::move(all.children.front()) : std::move(all);
}

Result<FilterNode> document(std::string_view bytes);

Result<FilterNode> clauses(const bson::Field& f) {
    FilterNode node;
    node.kind = f.key == "$and" ? Kind::all : Kind::any;
    if (f.value.type == Type::array) {
        bson::Reader reader(f.value.bytes);
        for (bson::Field clause; reader.next(clause);) {
            if (clause.value.type != Type::object)
                return refuse(fmt::format("{} holds {}, which is no object", f.key, shown(clause.value)));
            HALCYON_TRY(auto&& child, document(clause.value.bytes));
            node.children.push_back(std::move(child));
        }
    }
    if (node.children.empty())
        return refuse(fmt::format(R"({} needs a list of filters, like {{"{}": [{{"a": 1}}, {{"b": 2}}]}})",
                                  f.key, f.key));
    return node;
}

Result<FilterNode> document(std::string_view bytes) {
    FilterNode all;
    bson::Reader reader(bytes);
    for (bson::Field f; reader.next(f);) {
        if (f.key == "$and" || f.key == "$or") {
            HALCYON_TRY(auto&& node, clauses(f));
            all.children.push_back(std::move(node));
        } else if (f.key == "$not") {
            return refuse(R"($not stands inside of a field, like {"price": {"$not": {"$gt": 5}}})");
        } else if (f.key.starts_with('$')) {
            for (const auto& known : operators)
                if (f.key == known)
                    return refuse(fmt::format(
                        R"({} stands inside of a field, like {{"price": {{"{}": ..}}}})", f.key, f.key));
            return unknown(f.key);
        } else {
            HALCYON_TRY(auto&& path, Path::parse(f.key));
            HALCYON_TRY(auto&& node, field(path, f.value));
            all.children.push_back(std::move(node));
        }
    }
    return all;
}

}  // namespace

Result<FilterNode> compile_filter(const Document& filter) { return document(filter.bson()); }

}  // namespace halcyon::render
