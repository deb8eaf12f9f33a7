// The control port: faults, counters, and what else may befall a server.
#pragma once

#include <functional>

#include "devstack/faults.hpp"
#include "devstack/http.hpp"
#include "devstack/mongo/wire.hpp"

namespace halcyon::devstack {

// Null where there is no such server.
struct Controlled {
    Faults* faults = nullptr;
    mongo::Server* mongodb = nullptr;
    mongo::WireServer* mongodb_wire = nullptr;
    // Qdrant's own part of the control port; empty for what is none of its calls.
    std::function<std::optional<HttpReply>(const HttpRequest&)> qdrant;
};

HttpHandler control_handler(Controlled controlled);

}  // namespace halcyon::devstack
