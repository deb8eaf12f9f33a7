// Which MongoDB, and how long to wait for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/key.hpp"

namespace halcyon::mongo {

struct Options {
    /// A connection string (mongodb:// or mongodb+srv://); what it sets wins over the time-outs below.
    std::string uri = "mongodb://127.0.0.1:27017/?replicaSet=rs0";
    /// Part of every point id: changing it makes every document a new one.
    SourceName source{"mongodb"};
    /// Shown in the server's log and currentOp.
    std::string app_name = "halcyon";
    /// How long the server holds an empty getMore open; also how long a stop may wait. 10 ms to 10 s.
    std::chrono::milliseconds await{500};
    /// Without an answer for so long a connection is given up. 1 s to 10 min.
    std::chrono::milliseconds socket_timeout{10'000};
    /// 100 ms to 10 min.
    std::chrono::milliseconds connect_timeout{5'000};
    /// How long to look for a suitable member. 100 ms to 10 min.
    std::chrono::milliseconds server_selection_timeout{5'000};
    /// Documents a reply of the change stream or of a scan; never 0 (a reply may grow past 48 MB). 1 to
    /// 10,000.
    std::uint32_t batch_size = 1'000;
    /// What one open scan may hold in documents that were read and not yet taken.
    std::size_t scan_buffer = 8 * MiB;
    /// Whether it is written into each document how it stands, and under which of its fields.
    bool status_writeback = false;
    std::string status_field = "syncMetadata";
};

/// Refuses what the driver would: a malformed connection string, values out of range. Errors: fatal/invalid;
/// the text never holds a password.
Result<> check(const Options& options);

/// Hosts of the connection string, without user or password: "127.0.0.1:27017,127.0.0.1:27018".
std::string hosts_of(const Options& options);

/// Makes the log hide the connection string's password, as written and decoded.
void mask_secrets(const Options& options);

}  // namespace halcyon::mongo
