// Figures of this process as the system counts them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace halcyon::admin {

struct ProcessFigures {
    double cpu_seconds = 0;    // user and system
    double start_seconds = 0;  // since 1970 UTC
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;  // 0: no limit
};

/// What /proc/PID/stat says, in clock ticks and pages.
struct ProcessStat {
    std::uint64_t cpu_ticks = 0;
    std::uint64_t start_ticks = 0;  // since the machine's start
    std::uint64_t virtual_bytes = 0;
    std::uint64_t resident_pages = 0;
    bool operator==(const ProcessStat&) const = default;
};
/// Nothing: it is not such a line.
std::optional<ProcessStat> parse_process_stat(std::string_view line);
/// `btime` of /proc/stat, seconds since 1970 UTC.
std::optional<std::uint64_t> parse_boot_time(std::string_view stat);

/// Resident memory of this process; 0 where there is no /proc.
std::uint64_t resident_bytes();

/// Nothing where there is no /proc.
std::optional<ProcessFigures> read_process_figures();

}  // namespace halcyon::admin
