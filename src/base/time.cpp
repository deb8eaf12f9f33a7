#include "base/time.hpp"

#include <fmt/format.h>

namespace halcyon {

std::string rfc3339(WallTime t) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds{t.ms}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()}, unsigned{date.month()},
                       unsigned{date.day()}, clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count(), clock.subseconds().count());
}

}  // namespace halcyon
