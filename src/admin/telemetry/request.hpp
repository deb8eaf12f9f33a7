// What clients of the telemetry say. Pure.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "admin/body.hpp"
#include "base/log.hpp"
#include "core/story.hpp"

namespace halcyon::admin {

/// The first four are states, of which the newest is sent; the others are tails.
enum class Topic : std::uint8_t { pipeline, collections, jobs, fanout, events, log };
inline constexpr std::size_t state_topics = 4;
inline constexpr std::array<std::string_view, 6> topic_names{"pipeline", "collections", "jobs",
                                                             "fanout",   "events",      "log"};
constexpr std::size_t index_of(Topic t) { return static_cast<std::size_t>(t); }

struct EventFilter {
    std::optional<std::string> collection;
    std::optional<std::string> ns;
    /// By Happened.
    std::array<bool, happened_count> what = [] {
        std::array<bool, happened_count> all{};
        all.fill(true);
        return all;
    }();
    /// Without regard to `what`.
    bool fits(const DocumentKey& key, const PastEvent& event) const;
};

struct Subscription {
    std::array<bool, topic_names.size()> topics{};  // by Topic
    std::chrono::milliseconds period{1000};         // 100 to 5000
    EventFilter events;
    log::Level level = log::Level::info;  // this and worse

    bool wants(Topic t) const { return topics.at(index_of(t)); }
};

/// What a client has that never says what it wants.
Subscription default_subscription();

struct Ping {
    std::string id;  // as JSON; empty: none
};

/// Or what is wrong with it.
using ClientMessage = std::variant<Subscription, Ping, Wrong>;
ClientMessage read_client_message(std::string_view text);

}  // namespace halcyon::admin
