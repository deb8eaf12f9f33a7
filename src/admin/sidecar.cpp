#include "admin/sidecar.hpp"

#include <utility>

namespace halcyon::admin {

Sidecar::Sidecar(StatusView& s, DocumentControl& d, FlowControl& f, JobControl& j, StateReader& r,
                 const async::Clock& c, ReadinessBounds bounds, ProcessFacts p)
    : status(s),
      documents(d),
      flow(f),
      jobs(j),
      state(r),
      clock(c),
      facts(std::move(p)),
      started_(c.wall()),
      readiness_(bounds) {}

api::Snapshot Sidecar::glance() {
    api::Snapshot s;
    s.version = facts.version;
    s.address = address;
    s.now = clock.wall();
    s.started = started_;
    s.limit_bytes = facts.memory_limit;
    if (facts.resident) s.resident_bytes = facts.resident();
    s.overview = status.overview();
    s.counts = counts_;
    s.reasons = readiness_.judge(s.overview, state_trouble_, s.now);
    s.ready = Readiness::ready(s.reasons);
    return s;
}

Task<api::Snapshot> Sidecar::look() {
    auto counts = co_await state.counts();
    if (counts.has_value()) counts_ = std::move(counts.value());
    state_trouble_ = counts.has_value() ? "" : describe(counts.error());
    co_return glance();
}

}  // namespace halcyon::admin
