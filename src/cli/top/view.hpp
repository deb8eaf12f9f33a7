// What `halcyon top` knows of a sidecar. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace boost::json {
class object;
}

namespace halcyon::cli::top {

struct Collection {
    std::string name;
    std::string state;                // "ok", or why nothing is written
    bool paused = false;              // for whatever reason
    bool paused_by_operator = false;  //
    std::uint64_t planning = 0, embedding = 0, to_write = 0;
    std::uint64_t in_flight = 0, waiting = 0, owed = 0;
    std::uint64_t documents = 0, failed = 0, dead_letters = 0;
    std::uint64_t queued() const { return planning + embedding + to_write; }
};

struct Job {
    std::string id, scope, state;
    std::string progress;           // as long as it takes; of one that has ended: when, or why it failed
    std::optional<double> share{};  // 0..1
};

/// Since the start of the process.
struct Counters {
    std::uint64_t events = 0, texts = 0, requests = 0, written = 0, scanned = 0;
};

enum class Mood { well, busy, bad };

/// One pair of replies.
struct View {
    std::string version, verdict, started, now;
    Mood mood = Mood::busy;
    std::string lag, history;  // as they are shown
    std::string memory{};      // empty: not said
    std::vector<Collection> collections{};
    std::vector<Job> jobs{};  // those that have not ended, then the others
    std::vector<std::string> reasons{};
    Counters counters{};
};

/// From GET /v1/status and GET /v1/jobs.
View view_of(const boost::json::object& status, const boost::json::object& jobs);

/// A second.
struct Rates {
    double events = 0, texts = 0, requests = 0, written = 0, scanned = 0;
};

/// From two views, `between` apart. Nothing where they are no two moments of one process.
std::optional<Rates> rates(const View& before, const View& after, Duration between);

/// Of "2026-01-31T12:00:00.000Z"; nothing for another form.
std::optional<WallTime> wall_time(const std::string& rfc3339);

}  // namespace halcyon::cli::top
