// The dates that Qdrant's datetime conditions and indexes read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace halcyon::devstack::qdrant {

// RFC 3339, and its relaxed forms `2024-01-31`, `2024-01-31 10:00`, `2024-01-31T10:00:00`, with or without
// offset. Microseconds since 1970, UTC; empty where it is no date.
std::optional<std::int64_t> parse_datetime(std::string_view text);

}  // namespace halcyon::devstack::qdrant
