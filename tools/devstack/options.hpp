// The command line of halcyon-devstack.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "devstack/mongo/server.hpp"

namespace halcyon::devstack {

struct Options {
    std::string bind = "127.0.0.1";
    std::optional<std::uint16_t> mongodb_port;  // absent: no such server
    std::optional<std::uint16_t> qdrant_port;
    std::optional<std::uint16_t> control_port;
    std::string ports_file;  // empty: none
    std::string qdrant_api_key;
    bool die_with_parent = false;
    bool help = false;
    mongo::ServerOptions mongodb;
};

extern const char* const usage;

// Throws std::invalid_argument that says what is wrong.
Options parse_options(int count, char** words);

}  // namespace halcyon::devstack
