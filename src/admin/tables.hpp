// The tables of routes, by subject. REQUIRES: the sidecar outlives them. Thread rule: the loop.
#pragma once

#include <memory>
#include <string>

#include "admin/access.hpp"
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
/// The dashboard's files.
Routes dashboard_routes();
/// /api/sync/..., for clients of earlier systems.
Routes compat_routes(Sidecar& sidecar);
/// /openapi.json and /v1/whoami.
Routes about_routes(std::shared_ptr<const Access> access, const std::string& version);
/// /metrics.
Routes metrics_routes(Sidecar& sidecar);

}  // namespace halcyon::admin
