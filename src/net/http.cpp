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

std::size_t Request::body_bytes() const {
    std::size_t n = body.size();
    for (const auto& piece : more) n += piece.size();
    return n;
}

}  // namespace halcyon::net
