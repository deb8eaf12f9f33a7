// The log's facade. The library behind it (spdlog) is seen by log.cpp only.
//
// Any thread may log. A log line never blocks: when the pipe behind it is stuck, the oldest waiting lines are
// dropped and their number is logged later. Levels by consequence: warn = recovered, nothing lost; error = an
// operator must act.
#pragma once

#include <fmt/format.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace halcyon::log {

enum class Level { trace, debug, info, warn, error, off };
enum class Format { automatic, human, json };  // automatic: human on a terminal, JSON lines otherwise

/// As settings and the API write them, in the order of Level.
inline constexpr std::array<std::pair<std::string_view, Level>, 6> levels{{{"trace", Level::trace},
                                                                           {"debug", Level::debug},
                                                                           {"info", Level::info},
                                                                           {"warn", Level::warn},
                                                                           {"error", Level::error},
                                                                           {"off", Level::off}}};
constexpr std::string_view to_string(Level level) { return levels[static_cast<std::size_t>(level)].first; }
/// Nothing: it is no level.
constexpr std::optional<Level> parse_level(std::string_view text) {
    for (const auto& [name, level] : levels)
        if (name == text) return level;
    return std::nullopt;
}

struct Options {
    Level level = Level::info;
    Format format = Format::automatic;
    /// For traces of tests: lines go here, in the caller's thread, instead of to standard error.
    std::function<void(Level, std::string_view component, std::string_view message)> listener{};
};

/// Starts the log's thread (standard error). Before `start` and after `stop` lines go nowhere but errors,
/// which are printed.
void start(const Options& options);
/// Writes what waits (two seconds at most) and stops the thread.
void stop();
void set_level(Level level);
Level level();
bool enabled(Level level);
/// `secret` never appears in a line from now on: it is replaced by "***". Shorter than 4 characters: ignored.
void mask(std::string_view secret);
/// Called for every line that is logged, without secrets, in the thread that logs it, until it is replaced;
/// nothing: nobody listens. It must be quick, must not throw and must not log. Once this returns, no call of
/// the one before is under way.
using Tap = std::function<void(Level, std::string_view component, std::string_view message)>;
void tap(Tap listener);
void write(Level level, std::string_view component, std::string message);

template <class... A>
void debug(std::string_view component, fmt::format_string<A...> f, A&&... a) {
    if (enabled(Level::debug)) write(Level::debug, component, fmt::format(f, std::forward<A>(a)...));
}
template <class... A>
void info(std::string_view component, fmt::format_string<A...> f, A&&... a) {
    if (enabled(Level::info)) write(Level::info, component, fmt::format(f, std::forward<A>(a)...));
}
template <class... A>
void warn(std::string_view component, fmt::format_string<A...> f, A&&... a) {
    if (enabled(Level::warn)) write(Level::warn, component, fmt::format(f, std::forward<A>(a)...));
}
template <class... A>
void error(std::string_view component, fmt::format_string<A...> f, A&&... a) {
    if (enabled(Level::error)) write(Level::error, component, fmt::format(f, std::forward<A>(a)...));
}

}  // namespace halcyon::log
