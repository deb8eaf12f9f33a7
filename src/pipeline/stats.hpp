// Plain counters of the pipeline; observers read copies. Thread rule: the loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/key.hpp"

namespace halcyon::pipeline {

struct CollectionStats {
    std::uint64_t embedded = 0;    // chunks
    std::uint64_t upserted = 0;    // points
    std::uint64_t payloads = 0;    // points whose payload alone was written
    std::uint64_t removed = 0;     // points asked to be removed
    std::uint64_t skipped = 0;     // documents that were held already
    std::uint64_t superseded = 0;  // works that newer ones made needless
    std::uint64_t confirmed = 0;   // documents
    std::uint64_t owed = 0;        // notes written
    std::uint64_t failed = 0;      // attempts that failed by the document's own fault, and are repeated
    std::uint64_t dead = 0;        // dead letters written
    std::uint64_t doubts = 0;      // writes whose fate was unknown
};

struct StreamStats {
    std::uint64_t events = 0;
    std::uint64_t heartbeats = 0;
    std::uint64_t reopened = 0;
    std::uint64_t rescans = 0;
};

}  // namespace halcyon::pipeline
