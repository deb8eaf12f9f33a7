// Plain counters of the pipeline; observers read copies. Thread rule: the loop.
#pragma once

#include <cstdint>

#include "core/overview.hpp"

namespace halcyon::pipeline {

struct StreamStats {
    std::uint64_t events = 0;
    std::uint64_t heartbeats = 0;
    std::uint64_t reopened = 0;
    std::uint64_t rescans = 0;
};

}  // namespace halcyon::pipeline
