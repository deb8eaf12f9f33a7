#include "base/time.hpp"

#include <fmt/format.h>

namespace halcyon {

std::string rfc3339(WallTime t) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds{t.ms}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    auto left = static_cast<unsigned>((at - day).count());
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&](std::size_t from, unsigned width, unsigned number) {
        for (; width > 0; --width, number /= 10)
            text[from + width - 1] = static_cast<char>('0' + number % 10);
    };
    put(5, 2, unsigned{date.month()});
    put(8, 2, unsigned{date.day()});
    put(20, 3, left % 1000);
    left /= 1000;
    put(17, 2, left % 60);
    put(14, 2, left / 60 % 60);
    put(11, 2, left / 3600);
    const int year{date.year()};
    if (year < 0 || year > 9999) return text.replace(0, 4, fmt::format("{:04}", year));
    put(0, 4, static_cast<unsigned>(year));
    return text;
}

std::string duration_text(std::int64_t ms) {
    if (ms < 1000) return fmt::format("{} ms", ms);
    if (ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
    if (ms < 3'600'000) return fmt::format("{} min {} s", ms / 60'000, ms / 1000 % 60);
    return fmt::format("{} h {} min", ms / 3'600'000, ms / 60'000 % 60);
}

}  // namespace halcyon
