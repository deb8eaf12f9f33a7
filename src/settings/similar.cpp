#include "settings/similar.hpp"

#include <algorithm>

namespace halcyon::settings {
namespace {

std::string folded(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c != '-' && c != '_') out += c;
    }
    return out;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string> similar(std::string_view written, const std::vector<std::string>& known) {
    constexpr std::size_t longest = 64;  // nothing that is known is longer; and the distance is quadratic
    if (written.empty() || written.size() > longest) return std::nullopt;
    const auto w = folded(written);
    std::optional<std::string> best;
    std::size_t best_distance = longest;
    for (const auto& name : known) {
        const auto k = folded(name);
        const auto d = w.size() >= 3 && k.starts_with(w) ? 1 : distance(w, k);
        if (d < best_distance && d <= std::max<std::size_t>(1, k.size() / 3)) best = name, best_distance = d;
    }
    return best;
}

}  // namespace halcyon::settings
