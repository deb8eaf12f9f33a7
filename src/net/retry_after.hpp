// The Retry-After header (RFC 9110, 10.2.3).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace halcyon::net {

/// Seconds ("120", also "0.5" as some services send) or an HTTP date in any of its three forms; a date in the
/// past is 0. At most one day. Nothing for anything else.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, WallTime now);

}  // namespace halcyon::net
