#include "net/http_date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace halcyon::net {
namespace {

using std::chrono::milliseconds;
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    constexpr std::string_view separators = " ,:-";
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(separators, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

std::optional<int> number(std::string_view text) {
    int n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size() || n < 0 || n > 9999) return std::nullopt;
    return n;
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
    const auto w = words_of(text);
    const bool asctime = w.size() == 7;
    if (!asctime && (w.size() != 8 || w[7] != "GMT")) return std::nullopt;
    const auto month = std::ranges::find(months, asctime ? w[1] : w[2]);
    const auto day = number(asctime ? w[2] : w[1]);
    auto year = number(asctime ? w[6] : w[3]);
    const std::size_t clock = asctime ? 3 : 4;
    const auto hour = number(w[clock]);
    const auto minute = number(w[clock + 1]);
    const auto second = number(w[clock + 2]);
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    if (*year < 100) *year += *year < 70 ? 2000 : 1900;
    using namespace std::chrono;
    const year_month_day date{std::chrono::year{*year},
                              std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
                              std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto at = sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};
    return WallTime{duration_cast<milliseconds>(at.time_since_epoch()).count()};
}

std::string http_date(WallTime t) {
    using namespace std::chrono;
    const auto at = floor<seconds>(sys_time<milliseconds>{milliseconds{t.ms}});
    const auto midnight = floor<days>(at);
    const year_month_day date{midnight};
    const hh_mm_ss clock{at - midnight};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[weekday{midnight}.c_encoding()],
                       unsigned{date.day()}, months[unsigned{date.month()} - 1], int{date.year()},
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace halcyon::net
