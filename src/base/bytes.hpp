// Sizes in bytes, as settings write them and people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon {

inline constexpr std::size_t KiB = 1024;
inline constexpr std::size_t MiB = 1024 * KiB;
inline constexpr std::size_t GiB = 1024 * MiB;

/// "512", "64KiB", "1.5 MiB", "2GB" (KB, MB, GB are powers of 1000). Nothing for anything else, negative or
/// over 2^63.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// "1.5 MiB", "512 B"
std::string format_bytes(std::uint64_t bytes);

}  // namespace halcyon
