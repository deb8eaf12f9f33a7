// A client of the telemetry in tests: it takes messages and holds them against the contract.
#pragma once

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/merge_patch.hpp"

namespace halcyon::testing {

class TelemetryReader {
  public:
    /// What is known of each state topic.
    std::map<std::string, boost::json::value> state;
    std::vector<boost::json::object> messages;

    void take(const std::string& text) {
        CAPTURE(text);
        messages.push_back(boost::json::parse(text).as_object());
        const auto& m = messages.back();
        const auto type = type_of(m);
        if (const auto* seq = m.if_contains("seq")) {
            CHECK(*seq == ++seq_);
            CHECK(m.contains("at"));
        } else {
            CHECK((type == "hello" || type == "pong" || type == "error"));
        }
        if (type != "snapshot" && type != "delta") return;
        const std::string topic(m.at("topic").as_string());
        if (type == "delta") {
            REQUIRE(state.contains(topic));
            CHECK_FALSE(m.at("data").as_object().empty());
        }
        state[topic] = type == "snapshot" ? m.at("data") : merge_patched(state[topic], m.at("data"));
    }

    static std::string type_of(const boost::json::object& m) { return std::string(m.at("type").as_string()); }
    std::size_t count(const std::string& type) const {
        std::size_t n = 0;
        for (const auto& m : messages) n += type_of(m) == type;
        return n;
    }
    /// The newest of that type. REQUIRES: there is one.
    const boost::json::object& last(const std::string& type) const {
        for (auto at = messages.rbegin(); at != messages.rend(); ++at)
            if (type_of(*at) == type) return *at;
        throw std::logic_error("no message " + type);
    }

  private:
    std::uint64_t seq_ = 0;
};

}  // namespace halcyon::testing
