#include "admin/telemetry/session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace halcyon::admin {
namespace {

constexpr Duration tick_after = std::chrono::seconds(1);

}  // namespace

Session::Session(std::string_view version, Role role, Instant now) : round_at_(now + silence) {
    answers_.push_back(
        fmt::format(R"({{"type":"hello","protocol":1,"version":"{}","role":"{}","topics":["{}"]}})", version,
                    to_string(role), fmt::join(topic_names, R"(",")")));
}

bool Session::hear(std::string_view text, const Sources& sources, Instant now) {
    auto message = read_client_message(text);
    if (auto* wanted = std::get_if<Subscription>(&message)) {
        subscribe(std::move(*wanted), sources, now);
        return true;
    }
    if (answers_.size() >= most_answers) return false;
    if (const auto* ping = std::get_if<Ping>(&message))
        answers_.push_back(ping->id.empty() ? R"({"type":"pong"})"
                                            : fmt::format(R"({{"type":"pong","id":{}}})", ping->id));
    else
        answers_.push_back(fmt::format(R"({{"type":"error","problem":{}}})", std::get<Wrong>(message).body));
    return true;
}

void Session::subscribe(Subscription wanted, const Sources& sources, Instant now) {
    const auto had = [&](Topic t) { return subscription_ && subscription_->wants(t); };
    if (!had(Topic::events)) events_ = sources.events.end();
    if (!had(Topic::log)) log_ = sources.log.end();
    known_ = {};
    subscription_ = std::move(wanted);
    round_ = false;
    round_at_ = now;
}

void Session::begin_round(Instant now) {
    if (!subscription_) subscription_ = default_subscription();
    round_ = true;
    next_topic_ = 0;
    // Clients with the same period have their rounds at the same moments, so that one look serves them all.
    const Duration period = subscription_->period;
    round_at_ = Instant((now.time_since_epoch() / period + 1) * period);
}

bool Session::round(Instant now) {
    if (round_ || now < round_at_) return false;
    begin_round(now);
    return true;
}

std::optional<std::string> Session::next(Sources& sources, Instant now, WallTime wall) {
    if (!answers_.empty()) {
        auto answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }
    if (!round_) return std::nullopt;
    while (next_topic_ < topic_names.size()) {
        const auto topic = static_cast<Topic>(next_topic_++);
        if (!subscription_->wants(topic)) continue;
        auto message = of_topic(topic, sources, wall);
        if (!message) continue;
        spoke_ = now;
        return message;
    }
    round_ = false;
    // Timers are a little late or early; a tick that waits for the next round would come after twice the
    // time.
    const Duration silent = std::max<Duration>(tick_after, subscription_->period) * 9 / 10;
    if (spoke_ && now - *spoke_ < silent) return std::nullopt;
    spoke_ = now;
    return numbered(fmt::format(R"("type":"tick","at":"{}"}})", rfc3339(wall)));
}

std::optional<std::string> Session::of_topic(Topic topic, Sources& sources, WallTime wall) {
    if (index_of(topic) < state_topics) {
        const auto text = sources.board.news(topic, known_.at(index_of(topic)));
        if (!text) return std::nullopt;
        return numbered(*text);
    }
    const auto rows = topic == Topic::events ? sources.events.take(events_, subscription_->events)
                                             : sources.log.take(log_, subscription_->level);
    if (!rows) return std::nullopt;
    return numbered(
        fmt::format(R"("type":"{}","at":"{}",{}}})", topic_names.at(index_of(topic)), rfc3339(wall), *rows));
}

std::string Session::numbered(std::string_view rest) { return fmt::format(R"({{"seq":{},{})", ++seq_, rest); }

}  // namespace halcyon::admin
