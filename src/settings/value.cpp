#include "settings/value.hpp"

#include <algorithm>

namespace halcyon::settings {

const Value* Value::find(std::string_view key) const {
    const auto at = std::ranges::find(entries, key, &Entry::key);
    return at == entries.end() ? nullptr : &at->value;
}

Value Value::of_text(std::string text, bool plain) {
    Value v;
    v.kind = Kind::scalar;
    v.raw = text;
    v.text = std::move(text);
    v.plain = plain;
    return v;
}

Value Value::of_map() { return of_map({}); }
Value Value::of_list() { return of_list({}); }

Value Value::of_map(std::vector<Entry> entries) {
    Value v;
    v.kind = Kind::map;
    v.entries = std::move(entries);
    return v;
}

Value Value::of_list(std::vector<Value> items) {
    Value v;
    v.kind = Kind::list;
    v.items = std::move(items);
    return v;
}

bool fill(Value& root, const std::vector<std::string>& path, Value value) {
    Value* at = &root;
    for (const auto& key : path) {
        if (at->is_null()) at->kind = Value::Kind::map;
        if (!at->is_map()) return false;
        auto found = std::ranges::find(at->entries, key, &Entry::key);
        if (found == at->entries.end()) {
            at->entries.push_back({key, value.place, {}});
            found = at->entries.end() - 1;
            found->value.place = value.place;
        }
        at = &found->value;
    }
    if (!at->is_null()) return false;
    *at = std::move(value);
    return true;
}

}  // namespace halcyon::settings
