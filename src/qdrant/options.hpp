// How to reach Qdrant.
#pragma once

#include <chrono>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/key.hpp"

namespace halcyon::qdrant {

struct Options {
    std::string url = "http://127.0.0.1:6333";    // REST, http or https; a path is put before every request's
    std::string api_key{};                        // sent as `api-key`; empty: none. Never logged
    std::string ca_file{};                        // PEM; empty: the system's roots
    Duration timeout = std::chrono::seconds(30);  // of one request, 2 s and up
    Duration admin_timeout = std::chrono::seconds(60);  // of one request that creates something, 2 s and up
    std::size_t connections = 8;                        // most open at once, 1 to 1024
    std::size_t request_bytes =
        8 * MiB;  // most bytes of a request's body, 64 KiB to 32 MiB (the server's limit)
    std::size_t request_points =
        1024;                       // most points written by one request, 1 and up; strict mode may say less
    std::size_t lookup_keys = 256;  // most documents asked for by one request, 1 and up
    std::string ordering{};         // weak, medium, strong; empty: medium where replicated, else not sent
    std::string
        consistency{};  // all, majority, quorum or a number, for read-backs; empty: all where replicated
    SourceName source{"mongodb"};  // the deployment's; part of every `_halcyon.key`
};

/// Errors: {fatal, invalid} naming the option. Port 6334 is gRPC and gets its own sentence.
Result<> check(const Options& options);

}  // namespace halcyon::qdrant
