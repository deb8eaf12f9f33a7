// The state topics of the telemetry as they are now, and what each client must be told to know them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/telemetry/request.hpp"
#include "api/overview_json.hpp"
#include "core/ports/job_control.hpp"

namespace halcyon::admin {

/// Shared by all clients: what several of them are told alike is made once. The states that clients know
/// are kept, at most `kept` of a topic: whoever knows an older one gets a snapshot. Pure. Thread rule: one
/// thread at a time.
class Board {
  public:
    static constexpr std::size_t kept = 16;

    Board();
    ~Board();
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    /// What was gathered last. Of the jobs those that are not ended and the newest ten that are.
    void update(const api::Snapshot& snapshot, const std::vector<Job>& jobs);

    /// What a client knows of a topic; null: nothing. It holds on to it and does nothing else with it.
    struct Known;
    using KnownPtr = std::shared_ptr<Known>;
    /// The message that brings a client from `known` to now, from behind its number on
    /// (`"type":..,"data":{..}}`), and `known` to now. Null: nothing changed, or there was no update yet.
    /// REQUIRES: a state topic.
    std::shared_ptr<const std::string> news(Topic topic, KnownPtr& known);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace halcyon::admin
