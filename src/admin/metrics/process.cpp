#include "admin/metrics/process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string>
#include <vector>

namespace halcyon::admin {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

/// Without streams, whose locale and buffers cost more than the kernel.
std::string contents(const char* path) {
    std::string text;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return text;
    std::array<char, 4096> some{};
    for (::ssize_t got = 0; (got = ::read(file, some.data(), some.size())) > 0;)
        text.append(some.data(), static_cast<std::size_t>(got));
    ::close(file);
    return text;
}

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

std::optional<ProcessStat> own_stat() { return parse_process_stat(contents("/proc/self/stat")); }

std::uint64_t open_files() {
    std::error_code ec;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", ec), end; !ec && at != end; at.increment(ec))
        ++count;
    return count > 0 ? count - 1 : 0;  // one of them is the directory itself
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view line) {
    // The name, in parentheses, may hold spaces and parentheses.
    const auto behind_name = line.rfind(')');
    if (behind_name == std::string_view::npos) return std::nullopt;
    std::vector<std::string_view> fields{"pid", "name"};
    for (auto rest = line.substr(behind_name + 1); !rest.empty();) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (!word.empty()) fields.push_back(word);
    }
    // proc(5): 14 utime, 15 stime, 22 starttime, 23 vsize, 24 rss
    if (fields.size() < 24) return std::nullopt;
    const auto user = number(fields[13]), system = number(fields[14]), start = number(fields[21]),
               size = number(fields[22]), pages = number(fields[23]);
    if (!user || !system || !start || !size || !pages) return std::nullopt;
    return ProcessStat{*user + *system, *start, *size, *pages};
}

std::optional<std::uint64_t> parse_boot_time(std::string_view stat) {
    constexpr std::string_view name = "btime ";
    const auto at = stat.starts_with(name) ? 0 : stat.find("\nbtime ");
    if (at == std::string_view::npos) return std::nullopt;
    return number(stat.substr(at + name.size() + (at > 0 ? 1 : 0)));
}

std::uint64_t resident_bytes() {
    // Asked with each status: opened once. proc(5): all pages, resident ones, ..
    static const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    std::array<char, 128> line{};
    const auto got = ::pread(file, line.data(), line.size(), 0);
    const std::string_view text(line.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    const auto at = text.find(' ');
    return at == text.npos ? 0 : number(text.substr(at + 1)).value_or(0) * page_bytes();
}

std::optional<ProcessFigures> read_process_figures() {
    const auto stat = own_stat();
    static const auto booted = parse_boot_time(contents("/proc/stat"));
    if (!stat || !booted) return std::nullopt;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    rlimit files{};
    const bool limited = ::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY;
    return ProcessFigures{
        .cpu_seconds = static_cast<double>(stat->cpu_ticks) / ticks,
        .start_seconds = static_cast<double>(*booted) + static_cast<double>(stat->start_ticks) / ticks,
        .resident_bytes = stat->resident_pages * page_bytes(),
        .virtual_bytes = stat->virtual_bytes,
        .open_fds = open_files(),
        .max_fds = limited ? files.rlim_cur : 0,
    };
}

}  // namespace halcyon::admin
