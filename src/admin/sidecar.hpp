// What the routes show and act on, and the one place that looks at all of it at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "admin/readiness.hpp"
#include "api/overview_json.hpp"
#include "async/clock.hpp"
#include "core/ports/control.hpp"
#include "core/ports/job_control.hpp"
#include "core/ports/state_store.hpp"

namespace halcyon::admin {

/// Facts of the process that no port knows.
struct ProcessFacts {
    std::string version;
    std::uint64_t memory_limit = 0;             // bytes; the setting `memory`
    std::function<std::uint64_t()> resident{};  // bytes; nothing: not known
    std::string settings{};                     // the reply of GET /v1/settings
};

/// Thread rule: the loop. REQUIRES: the ports live longer.
class Sidecar {
  public:
    Sidecar(StatusView& status, DocumentControl& documents, FlowControl& flow, JobControl& jobs,
            StateReader& state, const async::Clock& clock, ReadinessBounds bounds, ProcessFacts facts);

    StatusView& status;
    DocumentControl& documents;
    FlowControl& flow;
    JobControl& jobs;
    StateReader& state;
    const async::Clock& clock;
    const ProcessFacts facts;
    std::string address;  // of the dashboard, once somebody listens; empty: nobody does

    /// Now. A state that cannot be read is a reason not to be ready, with the counts of before.
    Task<api::Snapshot> look();
    /// Without the state's counts: what probes need.
    api::Snapshot glance();

  private:
    WallTime started_;
    Readiness readiness_;
    std::vector<CollectionCounts> counts_;
    std::string state_trouble_;
};

}  // namespace halcyon::admin
