#include "render/filter.hpp"

#include <algorithm>

#include "core/number.hpp"
#include "render/compare.hpp"
#include "render/filter_tree.hpp"

namespace halcyon::render {
namespace {

using Kind = FilterNode::Kind;
using Test = FilterNode::Test;
using bson::Type;

constexpr bson::Value missing{};  // null
bool is_nan(const bson::Value& v) { return v.is_number() && bson::Number::of(v).is_nan(); }
bool is_extreme(const bson::Value& v) { return v.type == Type::min_key || v.type == Type::max_key; }

class Evaluation {
  public:
    explicit Evaluation(std::string_view document) : document_(document) {}

    bool holds(const FilterNode& node) {
        const auto child = [this](const FilterNode& c) { return holds(c); };
        switch (node.kind) {
            case Kind::all:
                return std::ranges::all_of(node.children, child);
            case Kind::any:
                return std::ranges::any_of(node.children, child);
            case Kind::none:
                return std::ranges::none_of(node.children, child);
            case Kind::test:
                return test(node);
        }
        return false;
    }
    bool broken() const { return broken_; }

  private:
    bool test(const FilterNode& node) {
        bool found = false;
        const auto each = [&](const bson::Value* value, bool) {
            if (value == nullptr)
                found = node.test != Test::exists && one(node, missing);
            else
                found = node.test == Test::exists || one(node, *value) || any_element(node, *value);
            return !found;
        };
        if (!node.path.visit(document_, each)) broken_ = true;
        return found;
    }

    bool any_element(const FilterNode& node, const bson::Value& value) {
        if (value.type != Type::array) return false;
        bson::Reader reader(value.bytes);
        for (bson::Field element; reader.next(element);)
            if (one(node, element.value)) return true;
        broken_ = broken_ || reader.failed();
        return false;
    }

    bool one(const FilterNode& node, const bson::Value& value) {
        return std::ranges::any_of(node.operands, [&](const bson::Value& operand) {
            return compared(node.test, value.type == Type::undefined ? missing : value, operand);
        });
    }

    bool compared(Test test, const bson::Value& value, const bson::Value& operand) {
        const bool or_equal = test == Test::greater_or_equal || test == Test::less_or_equal;
        if (test == Test::equal || test == Test::in) {
            if (type_rank(value.type) != type_rank(operand.type)) return false;
            return compare(value, operand, broken_) == 0;
        }
        // Only the two ends of the order are compared with other types.
        if (type_rank(value.type) != type_rank(operand.type) && !is_extreme(operand)) return false;
        if (is_nan(value) || is_nan(operand)) return or_equal && is_nan(value) && is_nan(operand);
        const auto order = compare(value, operand, broken_);
        if (order == 0) return or_equal;
        return (test == Test::greater || test == Test::greater_or_equal) == (order > 0);
    }

    std::string_view document_;
    bool broken_ = false;
};

}  // namespace

struct Filter::Compiled {
    Document source;
    FilterNode root;
};

Result<Filter> Filter::compile(std::string_view json) {
    Filter filter;
    if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return filter;
    auto source = Document::from_json(json);
    if (source.has_error()) return fail(source.error().in("filter"));
    HALCYON_TRY(auto&& root, compile_filter(source.value()));
    filter.compiled_ = std::make_shared<const Compiled>(Compiled{source.value(), std::move(root)});
    return filter;
}

Result<bool> Filter::matches(std::string_view document) const {
    if (!compiled_) return true;
    Evaluation evaluation(document);
    const bool holds = evaluation.holds(compiled_->root);
    if (evaluation.broken())
        return fail(Verdict::reject, Cause::invalid,
                    "the document is malformed or nested too deep for the filter");
    return holds;
}

Digest Filter::digest() const { return compiled_ ? digest_of(compiled_->source.bson()) : Digest{}; }

}  // namespace halcyon::render
