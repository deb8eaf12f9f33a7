#include "devstack/mongo/group.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/expression.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

struct Accumulator {
    std::string name;
    std::string op;
    Expression expression;
};

struct State {
    double real = 0;
    std::int64_t whole = 0;
    bool has_real = false;
    bool has_long = false;
    std::int64_t count = 0;
    std::optional<OwnedValue> kept;
    std::vector<OwnedValue> items;
};

constexpr std::array accumulators{"$sum", "$avg", "$min", "$max", "$first", "$last", "$push", "$addToSet"};

void accumulate(const Accumulator& accumulator, State& state, View document) {
    const OwnedValue value = accumulator.expression.evaluate(document);
    const Value v = value.view();
    if (accumulator.op == "$sum" || accumulator.op == "$avg") {
        if (!v.is_number()) return;
        ++state.count;
        state.real += v.as_double();
        state.whole += v.as_int();
        state.has_real |= v.type == Type::real || v.type == Type::decimal;
        state.has_long |= v.type == Type::int64;
    } else if (accumulator.op == "$push") {
        if (v) state.items.push_back(value);
    } else if (accumulator.op == "$addToSet") {
        const bool there = std::any_of(state.items.begin(), state.items.end(),
                                       [&](const OwnedValue& each) { return equal(each.view(), v); });
        if (v && !there) state.items.push_back(value);
    } else if (accumulator.op == "$first") {
        if (!state.kept) state.kept = value;
    } else if (accumulator.op == "$last") {
        state.kept = value;
    } else if (v && v.type != Type::null) {
        const int c = state.kept ? compare(v, state.kept->view()) : 0;
        if (!state.kept || (accumulator.op == "$min" ? c < 0 : c > 0)) state.kept = value;
    }
}

void finish(const Accumulator& accumulator, const State& state, Builder& out) {
    if (accumulator.op == "$sum") {
        if (state.has_real)
            out.add(accumulator.name, state.real);
        else if (state.has_long || state.whole > INT32_MAX || state.whole < INT32_MIN)
            out.add(accumulator.name, state.whole);
        else
            out.add(accumulator.name, static_cast<std::int32_t>(state.whole));
    } else if (accumulator.op == "$avg") {
        if (state.count == 0)
            out.null(accumulator.name);
        else
            out.add(accumulator.name, state.real / static_cast<double>(state.count));
    } else if (accumulator.op == "$push" || accumulator.op == "$addToSet") {
        ArrayBuilder items;
        for (const OwnedValue& item : state.items) items.add(item.view());
        out.array(accumulator.name, View(items.finish()));
    } else if (state.kept && state.kept->type != Type::end) {
        out.add(accumulator.name, state.kept->view());
    } else {
        out.null(accumulator.name);
    }
}

}  // namespace

std::vector<Doc> group_documents(const std::vector<Doc>& documents, View specification) {
    if (!specification["_id"]) throw CommandError(15955, "a group specification must include an _id");
    const Expression by(specification["_id"]);
    std::vector<Accumulator> wanted;
    for (const Element& field : specification) {
        if (field.name == "_id") continue;
        if (!field.value.is_object() || field.value.as_document().empty())
            throw CommandError(40234,
                               "The field '" + std::string(field.name) + "' must be an accumulator object");
        const Element op = *field.value.as_document().begin();
        if (std::find(accumulators.begin(), accumulators.end(), op.name) == accumulators.end())
            throw CommandError(15952, "unknown group operator '" + std::string(op.name) + "'");
        wanted.push_back({std::string(field.name), std::string(op.name), Expression(op.value)});
    }
    std::map<std::string, std::size_t> places;
    std::vector<std::pair<OwnedValue, std::vector<State>>> groups;
    for (const Doc& document : documents) {
        OwnedValue id = by.evaluate(View(*document));
        if (id.type == Type::end) id = OwnedValue::null();
        const auto [it, fresh] = places.try_emplace(key_of(id.view()), groups.size());
        if (fresh) groups.emplace_back(std::move(id), std::vector<State>(wanted.size()));
        for (std::size_t i = 0; i < wanted.size(); ++i)
            accumulate(wanted[i], groups[it->second].second[i], View(*document));
    }
    std::vector<Doc> out;
    for (const auto& [id, states] : groups) {
        Builder group;
        group.add("_id", id.view());
        for (std::size_t i = 0; i < wanted.size(); ++i) finish(wanted[i], states[i], group);
        out.push_back(std::make_shared<const std::string>(group.finish()));
    }
    return out;
}

}  // namespace halcyon::devstack::mongo
