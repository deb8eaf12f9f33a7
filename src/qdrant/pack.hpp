// Operations into requests. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace halcyon::qdrant {

/// A run of one operation's items.
struct Part {
    std::size_t operation = 0;
    std::size_t first = 0;
    std::size_t count = 0;
    bool operator==(const Part&) const = default;
};

struct Ceiling {
    std::size_t bytes = 0;  // of one request, 1 and up
    std::size_t items = 0;  // of one request, 1 and up
};

/// In order; nothing is left out. `sizes[operation][item]` in bytes. An operation that fits into one request
/// is never cut, so that it is refused or done as a whole; an item over the ceiling goes alone.
std::vector<std::vector<Part>> pack(const std::vector<std::vector<std::size_t>>& sizes, Ceiling ceiling);

}  // namespace halcyon::qdrant
