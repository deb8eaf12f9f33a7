// The tables of routes, by subject. REQUIRES: the sidecar outlives them. Thread rule: the loop.
#pragma once

#include "admin/route.hpp"
#include "admin/sidecar.hpp"

namespace halcyon::admin {

/// /healthz, /readyz, /startupz, and what is shown of the whole under /v1.
Routes status_routes(Sidecar& sidecar);
/// Pause, resume, apply.
Routes flow_routes(Sidecar& sidecar);
/// Documents by status, retries, explain.
Routes document_routes(Sidecar& sidecar);
Routes letter_routes(Sidecar& sidecar);
Routes job_routes(Sidecar& sidecar);
/// /metrics.
Routes metrics_routes(Sidecar& sidecar);

}  // namespace halcyon::admin
