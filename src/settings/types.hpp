// The types that fields have: how one is read, shown and described.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "settings/section.hpp"
#include "settings/shape.hpp"

namespace halcyon::settings {

/// How a T is written in a settings file. `read` leaves mistakes at the section and then says false, with the
/// target as it was; `show` writes a value as YAML ("" for one that means nothing).
template <class T>
struct Type {
    Shape shape;
    std::function<bool(const Section&, T&)> read;
    std::function<std::string(const T&)> show;
    /// For one that consists of settings: appends each of them. `written` is its place in the file; null: it
    /// is not there. Nothing: it is one setting.
    std::function<void(const T&, const Value* written, const std::string& path, std::vector<Shown>&)> each{};
};

/// Bounds, inclusive, as they are written in a file: `{.min = "1ms", .max = "10m"}`. Empty: none.
struct Range {
    std::string min{};
    std::string max{};
};

Type<std::string> text();
/// A YAML map, kept as JSON text (see to_json).
Type<std::string> json_map(std::string example);
Type<bool> boolean();
Type<double> percent(Range range = {"0%", "100%"});  // 0.05 is "5%"
Type<double> number(Range range = {});

namespace detail {
Type<std::int64_t> integer64(Range range);
Type<std::uint64_t> bytes64(Range range);
Type<std::chrono::nanoseconds> nanoseconds(Range range);
/// The place in `names`; says what is wrong and what was meant.
std::optional<std::size_t> choose(const Section& section, const std::vector<std::string>& names,
                                  const std::string& noun);
bool expect_list(const Section& section, std::string_view example);
bool expect_map(const Section& section, std::string_view example);
/// As YAML writes a text in one line: quoted where it must be.
std::string yaml_text(const std::string& value);

/// Appends `value`, or the settings that it consists of.
template <class T>
void list(const Type<T>& type, const T& value, const Value* written, const std::string& path,
          std::vector<Shown>& out) {
    if (type.each) return type.each(value, written, path, out);
    out.push_back({path, type.show(value), written != nullptr});
}

/// A Type<Outer> that is kept in a Inner.
template <class Outer, class Inner>
Type<Outer> convert(Type<Inner> inner) {
    return {inner.shape,
            [inner](const Section& s, Outer& out) {
                Inner value{};
                if (!inner.read(s, value)) return false;
                out = static_cast<Outer>(value);
                return true;
            },
            [inner](const Outer& value) { return inner.show(static_cast<Inner>(value)); }};
}
}  // namespace detail

/// REQUIRES: a range within T.
template <std::integral T>
Type<T> integer(Range range) {
    return detail::convert<T>(detail::integer64(std::move(range)));
}

template <std::unsigned_integral T = std::size_t>
Type<T> bytes(Range range) {
    return detail::convert<T>(detail::bytes64(std::move(range)));
}

/// `D`: any std::chrono::duration; what is finer than it can hold is refused.
template <class D = std::chrono::nanoseconds>
Type<D> duration(Range range) {
    auto inner = detail::nanoseconds(std::move(range));
    return {inner.shape,
            [inner](const Section& s, D& out) {
                std::chrono::nanoseconds value{};
                if (!inner.read(s, value)) return false;
                out = std::chrono::duration_cast<D>(value);
                if (out == value) return true;
                s.mistake(s.quoted() + " is finer than this field can be, e.g. " +
                          inner.show(std::chrono::ceil<D>(value)));
                return false;
            },
            [inner](const D& value) { return inner.show(value); }};
}

/// `noun` says what the names are: "index type".
template <class E>
Type<E> choice(std::vector<std::pair<std::string, E>> options, const std::string& noun = {}) {
    std::vector<std::string> names;
    for (const auto& [name, value] : options) names.push_back(name);
    Shape shape{.kind = Shape::Kind::choice, .choices = names};
    return {std::move(shape),
            [options, names, noun](const Section& s, E& out) {
                const auto at = detail::choose(s, names, noun);
                if (at) out = options[*at].second;
                return at.has_value();
            },
            [options](const E& value) {
                for (const auto& [name, option] : options)
                    if (option == value) return name;
                return std::string();
            }};
}

/// A text that must be one of `names`.
inline Type<std::string> choice(std::vector<std::string> names, const std::string& noun = {}) {
    std::vector<std::pair<std::string, std::string>> options;
    for (auto& name : names) options.emplace_back(name, name);
    return choice<std::string>(std::move(options), noun);
}

template <class T>
Type<std::optional<T>> optional(Type<T> inner) {
    return {inner.shape,
            [inner](const Section& s, std::optional<T>& out) {
                T value = out.value_or(T{});
                if (!inner.read(s, value)) return false;
                out = std::move(value);
                return true;
            },
            [inner](const std::optional<T>& value) { return value ? inner.show(*value) : std::string(); },
            [inner](const std::optional<T>& value, const Value* written, const std::string& path,
                    std::vector<Shown>& out) {
                if (value) return detail::list(inner, *value, written, path, out);
                out.push_back({path, "", written != nullptr});
            }};
}

/// Keeps what could be read, each value at its index, so that later checks see it.
template <class T>
Type<std::vector<T>> list_of(Type<T> item, std::string example = "[a, b]") {
    Shape shape{.kind = Shape::Kind::list, .example = example, .item = std::make_shared<Shape>(item.shape)};
    Type<std::vector<T>> type{std::move(shape),
                              [item, example](const Section& s, std::vector<T>& out) {
                                  if (!detail::expect_list(s, example)) return false;
                                  std::vector<T> values;
                                  bool good = true;
                                  for (std::size_t i = 0; i < s.value().items.size(); ++i) {
                                      T value{};
                                      good = item.read(s.item(i), value) && good;
                                      values.push_back(std::move(value));
                                  }
                                  out = std::move(values);
                                  return good;
                              },
                              [item](const std::vector<T>& values) {
                                  std::string out;
                                  for (const auto& value : values)
                                      out += (out.empty() ? "[" : ", ") + item.show(value);
                                  return out.empty() ? out : out + "]";
                              }};
    if (item.each)
        type.each = [item](const std::vector<T>& values, const Value* written, const std::string& path,
                           std::vector<Shown>& out) {
            if (values.empty()) out.push_back({path, "", written != nullptr});
            for (std::size_t i = 0; i < values.size(); ++i)
                item.each(values[i], written && i < written->items.size() ? &written->items[i] : nullptr,
                          fmt::format("{}[{}]", path, i), out);
        };
    return type;
}

/// Names to values; a K is made from the name. Keeps what could be read, so that later checks see it.
template <class K, class T>
Type<std::map<K, T>> map_of(Type<T> item, std::string example = "{ name: value }") {
    Shape shape{.kind = Shape::Kind::map, .example = example, .item = std::make_shared<Shape>(item.shape)};
    return {std::move(shape),
            [item, example](const Section& s, std::map<K, T>& out) {
                if (!detail::expect_map(s, example)) return false;
                bool good = true;
                for (const auto& entry : s.value().entries) {
                    T value{};
                    good = item.read(s.get(entry.key), value) && good;
                    out.insert_or_assign(K(entry.key), std::move(value));
                }
                return good;
            },
            [](const std::map<K, T>&) { return std::string(); },
            [item](const std::map<K, T>& values, const Value* written, const std::string& path,
                   std::vector<Shown>& out) {
                if (values.empty()) out.push_back({path, "", written != nullptr});
                for (const auto& [name, value] : values) {
                    const std::string key(name);
                    detail::list(item, value, written ? written->find(key) : nullptr, path + "." + key, out);
                }
            }};
}

/// A value in one of two forms: a single word or number is read by `word`, lists and maps by `other`.
template <class T>
Type<T> either(Type<T> word, Type<T> other) {
    Shape shape{.kind = Shape::Kind::either, .alternatives = {word.shape, other.shape}};
    return {std::move(shape),
            [word, other](const Section& s, T& out) {
                const bool deep = s.value().is_list() || s.value().is_map();
                return deep ? other.read(s, out) : word.read(s, out);
            },
            [word](const T& value) { return word.show(value); }};
}

/// A T that is made of a text by `make`, which returns a Result<T>.
template <class T, class Make, class Show>
Type<T> parsed(Make make, Show show) {
    return {text().shape,
            [make](const Section& s, T& out) {
                std::string word;
                if (!text().read(s, word)) return false;
                auto made = make(word);
                if (!made) {
                    s.mistake(made.error().context);
                    return false;
                }
                out = std::move(made).value();
                return true;
            },
            show};
}

}  // namespace halcyon::settings
