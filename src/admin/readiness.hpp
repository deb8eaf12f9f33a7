// Why a sidecar is not ready, and since when. Pure.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/overview_json.hpp"

namespace halcyon::admin {

struct ReadinessBounds {
    /// Behind MongoDB by more than this: not ready. 0: no bound. From 1 s on.
    std::chrono::milliseconds lag{300'000};
    /// Changes are under way and the position did not move for so long: it is stuck. 0: no bound. From 1 s
    /// on.
    std::chrono::milliseconds stuck{300'000};
};

/// Remembers since when each reason holds. Thread rule: one thread at a time.
class Readiness {
  public:
    explicit Readiness(ReadinessBounds bounds) : bounds_(bounds) {}
    /// In a fixed order; the time of one that held at the last call stays. `state_trouble`: why the state
    /// could not be read; empty: it could.
    std::vector<api::Reason> judge(const Overview& overview, std::string_view state_trouble, WallTime now);
    /// Reasons that only tell something do not count.
    static bool ready(const std::vector<api::Reason>& reasons);

  private:
    ReadinessBounds bounds_;
    std::map<std::pair<std::string, std::string>, WallTime> since_;  // code and collection
};

}  // namespace halcyon::admin
