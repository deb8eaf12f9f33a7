// One client of the telemetry: what it wants, what it knows, what it is told next. Pure.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "admin/role.hpp"
#include "admin/telemetry/board.hpp"
#include "admin/telemetry/tails.hpp"
#include "base/time.hpp"

namespace halcyon::admin {

/// What there is to tell, shared by all sessions.
struct Sources {
    Board board;
    EventTail events;
    LogTail log;
};

/// A message is made when it can be sent: whatever happened while the client did not take the one before is
/// in it, or counted as skipped. So a slow client costs no memory. Thread rule: one thread at a time.
class Session {
  public:
    /// The answers that a client may leave untaken.
    static constexpr std::size_t most_answers = 16;
    /// So long a client may be silent before it gets the default subscription.
    static constexpr auto silence = std::chrono::seconds(2);

    Session(std::string_view version, Role role, Instant now);

    /// What the client said. False: it has asked too much without taking the answers.
    bool hear(std::string_view text, const Sources& sources, Instant now);

    /// True: a round begins, for which the board should be fresh.
    bool round(Instant now);
    /// The next message; nothing: there is none before the next round, unless the client says something.
    std::optional<std::string> next(Sources& sources, Instant now, WallTime wall);
    /// When the next round begins.
    Instant due() const { return round_at_; }
    /// Nothing: it did not say yet.
    const std::optional<Subscription>& subscription() const { return subscription_; }

  private:
    void begin_round(Instant now);
    void subscribe(Subscription wanted, const Sources& sources, Instant now);
    std::optional<std::string> of_topic(Topic topic, Sources& sources, WallTime wall);
    std::string numbered(std::string_view rest);

    std::optional<Subscription> subscription_;
    std::deque<std::string> answers_;
    std::array<Board::KnownPtr, state_topics> known_;
    EventTail::Cursor events_{};
    LogTail::Cursor log_{};
    Instant round_at_;                             // the next round begins
    std::optional<Instant> spoke_;                 // when the last numbered message was made
    std::size_t next_topic_ = topic_names.size();  // of the round under way
    bool round_ = false;
    std::uint64_t seq_ = 0;
};

}  // namespace halcyon::admin
