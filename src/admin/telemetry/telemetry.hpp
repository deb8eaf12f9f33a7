// GET /v1/telemetry: a websocket that tells what happens. docs/telemetry.md is its contract.
#pragma once

#include <memory>

#include "admin/options.hpp"
#include "admin/route.hpp"
#include "admin/sidecar.hpp"
#include "net/server/websocket.hpp"

namespace halcyon::admin {

struct TelemetryHub;

struct TelemetryOptions {
    /// A client that takes nothing for so long is closed with 1013. More than zero. The server's send time
    /// must be longer.
    Duration slow_time = std::chrono::seconds(30);
};

/// All connections share one look at the sidecar a period, of the shortest period that anybody wants. Events
/// and log lines are only listened to while somebody wants them. Thread rule: the loop; there is one at most
/// (it is the StatusView's tail and the log's tap). REQUIRES: the sidecar lives longer, and `serve` has ended
/// before it is destroyed.
class Telemetry {
  public:
    explicit Telemetry(Sidecar& sidecar, TelemetryOptions options = {});
    ~Telemetry();
    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    /// Until the client goes, or is sent away.
    Task<> serve(std::shared_ptr<net::WebSocket> socket, Role role);
    std::size_t clients() const;

  private:
    std::unique_ptr<TelemetryHub> hub_;
};

/// REQUIRES: the telemetry outlives them.
Routes telemetry_routes(Telemetry& telemetry, const AdminOptions& options);

}  // namespace halcyon::admin
