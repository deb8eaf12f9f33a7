#include "settings/mistake.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon::settings {

std::string Mistake::message() const {
    std::string out = place.origin.empty() ? file : place.origin;
    if (place.origin.empty() && place.line > 0) out += fmt::format(":{}:{}", place.line, place.column);
    out += ": ";
    if (!path.empty()) out += path + ": ";
    return out + text;
}

void sort(std::vector<Mistake>& mistakes) {
    std::sort(mistakes.begin(), mistakes.end());
    mistakes.erase(std::unique(mistakes.begin(), mistakes.end()), mistakes.end());
}

}  // namespace halcyon::settings
