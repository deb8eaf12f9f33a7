#include "settings/types.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/bytes.hpp"
#include "settings/json.hpp"
#include "settings/similar.hpp"

namespace halcyon::settings {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

/// Shared by all types that are one word: says what is missing if it is not there.
bool expect_word(const Section& s, const Shape& shape) {
    if (s.value().is_scalar() && !s.value().text.empty()) return true;
    if (s.value().is_null() || s.value().is_scalar())
        s.mistake(fmt::format("has no value; it takes {}", describe(shape)));
    else
        s.mistake(fmt::format("takes {}, not a {}", describe(shape), s.value().is_map() ? "map" : "list"));
    return false;
}

/// A word that `parse` understands, between the shape's bounds (which `parse` reads too).
template <class T, class Parse>
bool read_bounded(const Section& s, const Shape& shape, const Parse& parse, T& out) {
    if (!expect_word(s, shape)) return false;
    const std::optional<T> value = parse(s.value().text);
    if (!value) {
        s.mistake(fmt::format("{} is not {}", s.quoted(), describe(shape)));
        return false;
    }
    const bool low = !shape.minimum.empty() && *value < *parse(shape.minimum);
    const bool high = !shape.maximum.empty() && *value > *parse(shape.maximum);
    if (low || high) {
        s.mistake(
            fmt::format("{} is too {}; it takes {}", s.quoted(), low ? "small" : "large", describe(shape)));
        return false;
    }
    out = *value;
    return true;
}

template <class T, class Parse, class Show>
Type<T> bounded(Shape::Kind kind, Range range, Parse parse, Show show) {
    Shape shape{.kind = kind, .minimum = std::move(range.min), .maximum = std::move(range.max)};
    return {shape, [shape, parse](const Section& s, T& out) { return read_bounded(s, shape, parse, out); },
            std::move(show)};
}

template <class T>
std::optional<T> parse_number(std::string_view word) {
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

std::optional<double> parse_finite(std::string_view word) {
    const auto value = parse_number<double>(word);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> parse_percent(std::string_view word) {
    if (!word.ends_with('%')) return std::nullopt;
    word.remove_suffix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    const auto value = parse_finite(word);
    return value ? std::optional(*value / 100) : std::nullopt;
}

struct Unit {
    std::string_view name;
    std::int64_t ns;
};
constexpr std::array<Unit, 7> units{{{"d", 86'400'000'000'000},
                                     {"h", 3'600'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};

std::optional<Nanoseconds> parse_duration(std::string_view word) {
    double number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    auto unit = word.substr(static_cast<std::size_t>(end - word.data()));
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    if (unit.empty() && number == 0) return Nanoseconds(0);
    const auto found = std::ranges::find(units, unit, &Unit::name);
    if (found == units.end()) return std::nullopt;
    const double ns = number * static_cast<double>(found->ns);
    if (!(ns < 9.2e18)) return std::nullopt;
    return Nanoseconds(std::llround(ns));
}

std::string show_duration(Nanoseconds value) {
    if (value.count() == 0) return "0s";
    for (const auto& unit : units)
        if (value.count() % unit.ns == 0) return fmt::format("{}{}", value.count() / unit.ns, unit.name);
    return {};
}

std::string show_bytes(std::uint64_t value) {
    if (value == 0) return "0";
    if (value % GiB == 0) return fmt::format("{}GiB", value / GiB);
    if (value % MiB == 0) return fmt::format("{}MiB", value / MiB);
    if (value % KiB == 0) return fmt::format("{}KiB", value / KiB);
    return fmt::format("{}", value);
}

}  // namespace

Type<std::string> text() {
    const Shape shape{.kind = Shape::Kind::text};
    return {shape,
            [shape](const Section& s, std::string& out) {
                // An empty text is one: `api_key: "${KEY:-}"` says that there is none.
                if (!s.value().is_scalar() && !expect_word(s, shape)) return false;
                out = s.value().text;
                return true;
            },
            [](const std::string& value) { return detail::yaml_text(value); }};
}

Type<std::string> json_map(std::string example) {
    Shape shape{.kind = Shape::Kind::map,
                .example = example,
                .item = std::make_shared<Shape>(Shape{.kind = Shape::Kind::any})};
    return {std::move(shape),
            [example](const Section& s, std::string& out) {
                if (!s.value().is_map()) {
                    s.mistake(fmt::format("takes a map, e.g. {}", example));
                    return false;
                }
                out = to_json(s.value());
                return true;
            },
            [](const std::string& value) { return value; }};
}

Type<bool> boolean() {
    const Shape shape{.kind = Shape::Kind::boolean};
    return {shape,
            [shape](const Section& s, bool& out) {
                if (!expect_word(s, shape)) return false;
                const auto& word = s.value().text;
                if (word != "true" && word != "false") {
                    s.mistake(fmt::format("{} is not true or false", s.quoted()));
                    return false;
                }
                out = word == "true";
                return true;
            },
            [](const bool& value) { return std::string(value ? "true" : "false"); }};
}

Type<double> percent(Range range) {
    return bounded<double>(Shape::Kind::percent, std::move(range), parse_percent,
                           [](const double& value) { return fmt::format("{:.6g}%", value * 100); });
}

Type<double> number(Range range) {
    return bounded<double>(Shape::Kind::number, std::move(range), parse_finite,
                           [](const double& value) { return fmt::format("{}", value); });
}

namespace detail {

Type<std::int64_t> integer64(Range range) {
    return bounded<std::int64_t>(Shape::Kind::integer, std::move(range), parse_number<std::int64_t>,
                                 [](const std::int64_t& value) { return fmt::format("{}", value); });
}

Type<std::uint64_t> bytes64(Range range) {
    return bounded<std::uint64_t>(Shape::Kind::bytes, std::move(range), parse_bytes, show_bytes);
}

Type<std::chrono::nanoseconds> nanoseconds(Range range) {
    return bounded<std::chrono::nanoseconds>(Shape::Kind::duration, std::move(range), parse_duration,
                                             show_duration);
}

std::optional<std::size_t> choose(const Section& s, const std::vector<std::string>& names,
                                  const std::string& noun) {
    if (!expect_word(s, Shape{.kind = Shape::Kind::choice, .choices = names})) return std::nullopt;
    const auto at = std::ranges::find(names, s.value().text);
    if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
    const auto meant = similar(s.value().text, names);
    auto rule = noun.empty() ? fmt::format("is not one of {}", fmt::join(names, ", "))
                             : fmt::format("is no {} ({})", noun, fmt::join(names, ", "));
    if (meant) rule += fmt::format("; did you mean {}?", *meant);
    s.mistake(s.quoted() + " " + rule);
    return std::nullopt;
}

bool expect_list(const Section& s, std::string_view example) {
    if (s.value().is_list()) return true;
    s.mistake(fmt::format("takes a list, e.g. {}", example));
    return false;
}

bool expect_map(const Section& s, std::string_view example) {
    if (s.value().is_map() || s.value().is_null()) return true;
    s.mistake(fmt::format("takes a map, e.g. {}", example));
    return false;
}

std::string yaml_text(const std::string& value) {
    if (value.empty()) return {};
    const auto safe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '/' || c == '.' || c == '-';
    };
    const bool word = std::ranges::all_of(value, safe) && value.front() != '-' && !is_json_number(value) &&
                      value != "true" && value != "false" && value != "null";
    return word ? value : json_quote(value);
}

}  // namespace detail

std::string describe(const Shape& shape, bool example) {
    using Kind = Shape::Kind;
    const auto kind = [&]() -> std::string {
        switch (shape.kind) {
            case Kind::text:
                return "a text";
            case Kind::integer:
                return "a whole number";
            case Kind::number:
                return "a number";
            case Kind::boolean:
                return "true or false";
            case Kind::duration:
                return example ? "a duration (like 20ms, 5s, 2m)" : "a duration";
            case Kind::bytes:
                return example ? "a size (like 64KiB, 1MiB)" : "a size";
            case Kind::percent:
                return example ? "a share (like 5%)" : "a share";
            case Kind::choice:
                return fmt::format("one of {}", fmt::join(shape.choices, ", "));
            case Kind::list:
                return "a list";
            case Kind::map:
            case Kind::object:
                return "a map";
            case Kind::any:
                return "any value";
            case Kind::either:
                return describe(shape.alternatives.front()) + " or " + describe(shape.alternatives.back());
        }
        return {};
    }();
    if (!shape.minimum.empty() && !shape.maximum.empty())
        return fmt::format("{}, {} to {}", kind, shape.minimum, shape.maximum);
    if (!shape.minimum.empty()) return fmt::format("{}, at least {}", kind, shape.minimum);
    if (!shape.maximum.empty()) return fmt::format("{}, at most {}", kind, shape.maximum);
    return kind;
}

}  // namespace halcyon::settings
