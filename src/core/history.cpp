#include <algorithm>

#include "core/ports/document_reader.hpp"

namespace halcyon {

std::chrono::seconds History::reach() const {
    // What was written for a moment says little; nobody plans for longer than this.
    constexpr double longest = 365.0 * 24 * 3600;
    const double span = newest.seconds > oldest.seconds ? newest.seconds - oldest.seconds : 0;
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::min(longest, span / std::clamp(used, 1e-9, 1.0))));
}

}  // namespace halcyon
