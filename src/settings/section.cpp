#include "settings/section.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon::settings {
namespace {

const Value missing{};

bool has_variables(const Value& value) {
    return value.text != value.raw || std::ranges::any_of(value.items, has_variables) ||
           std::ranges::any_of(value.entries, [](const Entry& e) { return has_variables(e.value); });
}

std::string without_variables(std::string text, const Environment& variables) {
    constexpr std::size_t shortest = 4;  // as in log::mask
    for (const auto& [name, value] : variables) {
        const auto written = fmt::format("${{{}}}", name);
        if (value.size() < shortest) continue;
        for (auto at = text.find(value); at != text.npos; at = text.find(value, at + written.size()))
            text.replace(at, value.size(), written);
    }
    return text;
}

const Place& first_of(const Place& a, const Place& b) { return a.line == 0 && a.origin.empty() ? b : a; }

}  // namespace

Section Section::get(std::string_view name) const {
    const Value* found = value_->find(name);
    auto path = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    return {found != nullptr ? *found : missing, std::move(path), *report_, first_of(value_->place, place_)};
}

bool Section::has(std::string_view name) const {
    const Value* found = value_->find(name);
    return found != nullptr && !found->is_null();
}

Section Section::item(std::size_t index) const {
    return {value_->items.at(index), fmt::format("{}[{}]", path_, index), *report_};
}

void Section::mistake(std::string text) const {
    if (value_->broken) return;
    if (has_variables(*value_)) text = without_variables(std::move(text), report_->variables);
    report_->mistakes.push_back({report_->file, first_of(value_->place, place_), path_, std::move(text)});
}

std::string Section::quoted() const {
    constexpr std::size_t longest = 60;
    if (value_->raw.size() <= longest) return fmt::format("\"{}\"", value_->raw);
    auto cut = value_->raw.substr(0, longest);
    while (!cut.empty() && (static_cast<unsigned char>(value_->raw[cut.size()]) & 0xc0) == 0x80)
        cut.pop_back();
    return fmt::format("\"{}...\"", cut);
}

}  // namespace halcyon::settings
