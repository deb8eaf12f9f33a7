// All routes behind one handler.
#pragma once

#include "admin/access.hpp"
#include "admin/options.hpp"
#include "admin/sidecar.hpp"
#include "admin/tables.hpp"

namespace halcyon::admin {

/// Every route of a sidecar, in the order of their subjects. REQUIRES: the sidecar outlives them.
Routes all_routes(Sidecar& sidecar);

/// What HttpServer takes: `routes` and about_routes. Access, parameters of the query, idempotency keys and
/// CORS are seen to before a route's own handler is called.
net::Handler serve(Routes routes, const AdminOptions& options, const std::string& version);

}  // namespace halcyon::admin
