// The overview as people read it. Pure.
#pragma once

#include <string>

namespace boost::json {
class object;
}

namespace halcyon::cli {

/// "in sync", "working", "stopping", or what it waits for. `status`: a reply of GET /v1/status.
std::string verdict_of(const boost::json::object& status);
/// "ok", or why nothing is written there. `collection`: a row of the same reply.
std::string state_of(const boost::json::object& collection);

}  // namespace halcyon::cli
