#include "base/bytes.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace halcyon {

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    double number = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{} || number < 0) return std::nullopt;
    auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    constexpr std::array<std::pair<std::string_view, double>, 11> units{{{"", 1},
                                                                         {"B", 1},
                                                                         {"KiB", 1024.0},
                                                                         {"MiB", 1048576.0},
                                                                         {"GiB", 1073741824.0},
                                                                         {"TiB", 1099511627776.0},
                                                                         {"kB", 1e3},
                                                                         {"KB", 1e3},
                                                                         {"MB", 1e6},
                                                                         {"GB", 1e9},
                                                                         {"TB", 1e12}}};
    for (auto [name, factor] : units)
        if (unit == name) {
            const double bytes = number * factor;
            if (!(bytes < 9.2e18)) return std::nullopt;
            return static_cast<std::uint64_t>(bytes);
        }
    return std::nullopt;
}

std::string format_bytes(std::uint64_t bytes) {
    if (bytes < KiB) return fmt::format("{} B", bytes);
    constexpr std::array names{"KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes) / 1024.0;
    std::size_t i = 0;
    while (value >= 1024.0 && i + 1 < names.size()) value /= 1024.0, ++i;
    return fmt::format("{:.1f} {}", value, names[i]);
}

}  // namespace halcyon
