// Measures how long the position will last.
#pragma once

#include "pipeline/decide/history.hpp"
#include "pipeline/intake.hpp"

namespace halcyon::pipeline {

/// Thread rule: the loop.
class HistoryMonitor {
  public:
    HistoryMonitor(RunState& run, const Intake& intake)
        : run_(run), intake_(intake), state_(run.options.history_warning) {}
    /// Until cancelled: asks the source now and then, and says in the log what is worth it.
    Task<> run();
    const HistoryLeft& state() const { return state_; }

  private:
    Task<> measure();

    RunState& run_;
    const Intake& intake_;
    HistoryLeft state_;
};

}  // namespace halcyon::pipeline
