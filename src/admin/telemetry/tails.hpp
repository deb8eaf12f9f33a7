// The live tails of events and log that clients of the telemetry share.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "admin/telemetry/request.hpp"
#include "admin/telemetry/tail_ring.hpp"

namespace halcyon::admin {

/// Rows of a message.
inline constexpr std::size_t most_rows = 50;

/// Thread rule: the loop.
class EventTail {
  public:
    void put(const DocumentKey& key, const PastEvent& event);

  private:
    struct Row {
        DocumentKey key;
        PastEvent event;
    };
    using Ring = TailRing<Row, happened_count, most_rows>;

  public:
    using Cursor = Ring::Cursor;
    Cursor end() const { return ring_.end(); }
    /// `"data":[..],"skipped":N` of what came since; nothing: nothing did.
    std::optional<std::string> take(Cursor& from, const EventFilter& filter) const;

  private:
    Ring ring_;
};

/// Thread rule: any thread.
class LogTail {
  public:
    void put(log::Level level, std::string_view component, std::string_view message, WallTime at);

  private:
    static constexpr std::size_t levels = 5;
    struct Row {
        WallTime at;
        log::Level level{};
        std::string component;
        std::string message;
    };
    using Ring = TailRing<Row, levels, most_rows>;

  public:
    using Cursor = Ring::Cursor;
    Cursor end() const;
    /// As EventTail::take.
    std::optional<std::string> take(Cursor& from, log::Level least) const;

  private:
    mutable std::mutex mutex_;
    Ring ring_;
};

}  // namespace halcyon::admin
