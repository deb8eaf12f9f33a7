#include "render/path.hpp"

#include <algorithm>

namespace halcyon::render {
namespace {

constexpr std::size_t most_names = 100;

std::optional<std::size_t> index_of(std::string_view name) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    const bool whole = error == std::errc{} && end == name.data() + name.size();
    return whole && (name.size() == 1 || name.front() != '0') ? std::optional(index) : std::nullopt;
}

}  // namespace

Result<Path> Path::parse(std::string_view text) {
    const auto bad = [&](std::string_view why) {
        return fail(
            Verdict::reject, Cause::invalid,
            "\"" + std::string(text) + "\" is no field (" + std::string(why) + "), like name or seller.city");
    };
    if (text.empty()) return bad("it is empty");
    if (text.find('\0') != std::string_view::npos) return bad("it holds a NUL");
    Path path;
    path.text_ = text;
    for (auto rest = text;;) {
        const auto dot = rest.find('.');
        const auto name = rest.substr(0, dot);
        if (name.empty()) return bad("there is nothing before or after a dot");
        path.names_.emplace_back(name);
        path.indexes_.push_back(index_of(name));
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    if (path.names_.size() > most_names) return bad("it has over 100 names");
    return path;
}

bool Path::has_index() const {
    return std::ranges::any_of(indexes_, [](const auto& index) { return index.has_value(); });
}

}  // namespace halcyon::render
