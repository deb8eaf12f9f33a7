#include "net/server/shedding.hpp"

#include <algorithm>
#include <tuple>

namespace halcyon::net {

std::optional<std::size_t> least_missed(std::span<const Occupation> occupations) {
    const auto at = std::ranges::min_element(occupations, {},
                                             [](const Occupation& o) { return std::tuple(o.kind, o.since); });
    if (at == occupations.end() || at->kind == Occupation::Kind::handled) return std::nullopt;
    return static_cast<std::size_t>(at - occupations.begin());
}

}  // namespace halcyon::net
