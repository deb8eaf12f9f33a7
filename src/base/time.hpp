// Time types. Nothing orders data by the wall clock; it is shown to people and stored for them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace halcyon {

using Duration = std::chrono::nanoseconds;
/// A point on the monotonic (or simulated) clock; only differences mean anything.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// Wall clock, milliseconds since 1970 UTC.
struct WallTime {
    std::int64_t ms = 0;
    auto operator<=>(const WallTime&) const = default;
};

/// For people: "850 ms", "12.3 s", "4 min 5 s", "3 h 10 min".
std::string duration_text(std::int64_t ms);

/// "2026-01-31T12:00:00.000Z" (RFC 3339, UTC)
std::string rfc3339(WallTime t);

}  // namespace halcyon
