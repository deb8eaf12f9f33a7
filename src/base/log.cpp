#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/details/os.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

namespace halcyon::log {
namespace {

constexpr std::size_t queue_lines = 8192;

struct Shared {
    std::mutex mutex;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::logger> logger;
    std::vector<std::string> secrets;
    std::function<void(Level, std::string_view, std::string_view)> listener;
    Tap tap;
    std::size_t reported_overruns = 0;
};

Shared& shared() {
    static Shared s;
    return s;
}
std::atomic<Level> threshold{Level::info};

spdlog::level::level_enum to_spdlog(Level l) {
    switch (l) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

std::string masked(std::string text, const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets)
        for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3)
            text.replace(at, secret.size(), "***");
    return text;
}

std::string json_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 8);
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += '\\', out += c;
        else if (u < 0x20 || u == 0x7f)
            out += fmt::format("\\u{:04x}", u);
        else
            out += c;
    }
    return out;
}

/// Lines for people, or one JSON object a line; control characters never reach the terminal.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit StderrSink(bool json) : json_(json), colour_(!json && ::isatty(STDERR_FILENO) == 1) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& m) override {
        const auto since = m.time.time_since_epoch();
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() % 1000;
        const auto tm = spdlog::details::os::gmtime(spdlog::log_clock::to_time_t(m.time));
        const std::string_view name(m.logger_name.data(), m.logger_name.size());
        std::string_view text(m.payload.data(), m.payload.size());
        const auto split = text.find('\x1f');
        const auto component = text.substr(0, split);
        text.remove_prefix(split == std::string_view::npos ? 0 : split + 1);
        const auto level_view = spdlog::level::to_string_view(m.level);
        const std::string_view level(level_view.data(), level_view.size());
        std::string line;
        if (json_) {
            line = fmt::format(
                "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\"level\":\"{}\",\"component\":\"{"
                "}\",\"message\":\"{}\"}}\n",
                tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms, level,
                json_escaped(component), json_escaped(text));
        } else {
            const std::string_view paint = !colour_                         ? ""
                                           : m.level >= spdlog::level::err  ? "\x1b[31m"
                                           : m.level == spdlog::level::warn ? "\x1b[33m"
                                                                            : "";
            line = fmt::format("{:02}:{:02}:{:02}.{:03} {}{:<5}{} {:<9} {}\n", tm.tm_hour, tm.tm_min,
                               tm.tm_sec, ms, paint, level == "warning" ? "warn" : level,
                               paint.empty() ? "" : "\x1b[0m", component, clean(text));
        }
        put(line);
    }
    void flush_() override {}

  private:
    static std::string clean(std::string_view text) {
        std::string out(text);
        for (auto& c : out)
            if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
        return out;
    }
    static void put(std::string_view line) {
        while (!line.empty()) {
            const auto n = ::write(STDERR_FILENO, line.data(), line.size());
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return;
            line.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    bool json_;
    bool colour_;
};

}  // namespace

void start(const Options& options) {
    auto& s = shared();
    const std::lock_guard lock(s.mutex);
    const bool json = options.format == Format::json ||
                      (options.format == Format::automatic && ::isatty(STDERR_FILENO) != 1);
    auto sink = std::make_shared<StderrSink>(json);
    threshold = options.level;
    s.listener = options.listener;
    if (s.listener) return;
    s.pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    s.logger = std::make_shared<spdlog::async_logger>("halcyon", std::move(sink), s.pool,
                                                      spdlog::async_overflow_policy::overrun_oldest);
    s.logger->set_level(spdlog::level::trace);
}

void stop() {
    auto& s = shared();
    std::shared_ptr<spdlog::details::thread_pool> pool;
    {
        const std::lock_guard lock(s.mutex);
        s.logger.reset();
        s.listener = nullptr;
        pool = std::move(s.pool);
    }
    if (!pool) return;
    for (int i = 0; i < 200 && pool->queue_size() > 0; ++i) ::usleep(10'000);
    if (pool->queue_size() > 0) {
        // The pipe is stuck: joining the log's thread would hang the stop, so the thread is left to the
        // process's end.
        [[maybe_unused]] auto* leaked = new std::shared_ptr<spdlog::details::thread_pool>(std::move(pool));
    }
}

void set_level(Level level) { threshold = level; }
Level level() { return threshold.load(std::memory_order_relaxed); }
bool enabled(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

void mask(std::string_view secret) {
    if (secret.size() < 4) return;
    auto& s = shared();
    const std::lock_guard lock(s.mutex);
    s.secrets.emplace_back(secret);
}

void tap(Tap listener) {
    auto& s = shared();
    const std::lock_guard lock(s.mutex);
    s.tap = std::move(listener);
}

void write(Level level, std::string_view component, std::string message) {
    auto& s = shared();
    const std::lock_guard lock(s.mutex);
    message = masked(std::move(message), s.secrets);
    if (s.tap) s.tap(level, component, message);
    if (s.listener) return s.listener(level, component, message);
    auto text = fmt::format("{}\x1f{}", component, message);
    if (!s.logger) {
        if (level == Level::error) std::fprintf(stderr, "%s\n", text.substr(text.find('\x1f') + 1).c_str());
        return;
    }
    const auto lost = s.pool ? s.pool->overrun_counter() : 0;
    if (lost > s.reported_overruns) {
        s.logger->log(spdlog::level::warn,
                      fmt::format("log\x1f{} lines were dropped: the log's pipe was stuck",
                                  lost - s.reported_overruns));
        s.reported_overruns = lost;
    }
    s.logger->log(to_spdlog(level), text);
}

}  // namespace halcyon::log
