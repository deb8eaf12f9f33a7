// What the command line asks a running sidecar: HTTP over the Unix socket in the state folder.
#pragma once

#include "core/ports/state_store.hpp"
#include "net/server/router.hpp"
#include "pipeline/pipeline.hpp"

namespace halcyon::app {

/// GET /v1/status, GET /v1/health, POST /v1/apply {"orphans"?: bool},
/// GET /v1/dead-letters[?collection=&from=&limit=], POST /v1/dead-letters/{retry,drop}
/// {"collection","namespace","id"} or {"all":true}. Errors are problem details (RFC 9457). REQUIRES: both
/// outlive the server. Thread rule: the loop.
net::Router control_routes(pipeline::Pipeline& pipeline, StateReader& state);

/// The reply of GET /v1/status.
std::string status_json(const pipeline::Status& status, const std::vector<CollectionCounts>& counts,
                        bool stopped = false);
/// One page of GET /v1/dead-letters.
std::string dead_letters_json(const Page<DeadLetter>& page);

}  // namespace halcyon::app
