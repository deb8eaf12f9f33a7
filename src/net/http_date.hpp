// Dates as HTTP writes them (RFC 9110, 5.6.7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace halcyon::net {

/// "Sun, 06 Nov 1994 08:49:37 GMT", and the two obsolete forms "Sunday, 06-Nov-94 08:49:37 GMT" and
/// "Sun Nov  6 08:49:37 1994".
std::optional<WallTime> parse_http_date(std::string_view text);
/// The first form.
std::string http_date(WallTime t);

}  // namespace halcyon::net
