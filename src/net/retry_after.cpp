#include "net/retry_after.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "net/http_date.hpp"

namespace halcyon::net {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds longest = std::chrono::hours(24);

std::optional<milliseconds> seconds_of(std::string_view text) {
    double seconds = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    if (error == std::errc::result_out_of_range) return longest;
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const double most = static_cast<double>(longest.count());
    return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(seconds * 1000.0, most))));
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, WallTime now) {
    constexpr std::string_view blank = " \t";
    value.remove_prefix(std::min(value.find_first_not_of(blank), value.size()));
    value = value.substr(0, value.find_last_not_of(blank) + 1);
    if (value.empty()) return std::nullopt;
    if (value.find_first_not_of("0123456789.") == std::string_view::npos) return seconds_of(value);
    const auto date = parse_http_date(value);
    if (!date) return std::nullopt;
    return std::clamp(milliseconds(date->ms - now.ms), milliseconds(0), longest);
}

}  // namespace halcyon::net
