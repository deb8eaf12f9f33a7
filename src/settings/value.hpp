// A settings file as a tree of values, each with its place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/mistake.hpp"

namespace halcyon::settings {

struct Entry;

struct Value {
    enum class Kind { null, scalar, list, map } kind = Kind::null;
    Place place{};
    std::string text{};  // scalar: with `${NAME}` replaced
    std::string raw{};   // scalar: as written; messages show this one, since it holds no secrets
    bool plain = false;  // scalar: without quotes, so that `5` is a number and `"5"` a text
    bool broken =
        false;  // scalar: a variable was missing; that mistake is known, others would only follow from it
    std::vector<Value> items;    // list
    std::vector<Entry> entries;  // map: in the order of the file, keys are unique

    /// The entry's value, or null.
    const Value* find(std::string_view key) const;
    bool is_map() const { return kind == Kind::map; }
    bool is_list() const { return kind == Kind::list; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_null() const { return kind == Kind::null; }

    static Value of_text(std::string text, bool plain = false);
    static Value of_map();
    static Value of_map(std::vector<Entry> entries);
    static Value of_list();
    static Value of_list(std::vector<Value> items);
};

struct Entry {
    std::string key;
    Place place;
    Value value;
};

/// The place `path` in `root`, made where it is missing: for values that come from the environment. Nothing
/// is changed, and false comes back, if there is a value already or the way leads through something that is
/// no map.
bool fill(Value& root, const std::vector<std::string>& path, Value value);

}  // namespace halcyon::settings
