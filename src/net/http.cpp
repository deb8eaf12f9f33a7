#include "net/http.hpp"

#include <algorithm>

namespace halcyon::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& [n, value] : all)
        if (equal_without_case(n, name)) return value;
    return std::nullopt;
}

std::vector<std::string_view> Headers::list(std::string_view name) const {
    constexpr std::string_view space = " \t";
    std::vector<std::string_view> elements;
    for (const auto& [n, value] : all) {
        if (!equal_without_case(n, name)) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            auto element = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(element.size() + 1, rest.size()));
            element.remove_prefix(std::min(element.find_first_not_of(space), element.size()));
            element = element.substr(0, element.find_last_not_of(space) + 1);
            if (!element.empty()) elements.push_back(element);
        }
    }
    return elements;
}

std::size_t Request::body_bytes() const {
    std::size_t n = body.size();
    for (const auto& piece : more) n += piece.size();
    return n;
}

}  // namespace halcyon::net
