// Settings of the state folder (`state:`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace halcyon::state {

struct Options {
    /// The folder; made if it is missing (its parent must exist). Holds the data base (`db`), the vectors
    /// that were paid for (`vectors`), a note of who uses it and the control socket. Not empty.
    std::string path = "/var/lib/halcyon";
    /// Block cache, with indexes and filters in it. Default 32 MiB, at least 1 MiB.
    std::size_t cache = 32 * MiB;
    /// Ceiling of what is not yet in files, over all tables. Default 16 MiB, at least 1 MiB.
    std::size_t write_buffer = 16 * MiB;
    /// Open files at most. Default 256, 16 to 100000; -1 would be no limit and is refused.
    int max_open_files = 256;
    /// On disk, for vectors that were paid for. Default 256 MiB, at least 16 MiB; 0: none are kept.
    std::uint64_t vector_cache = 256 * MiB;
    /// What the vector cache holds in memory, beside `cache`. At least 1 MiB.
    std::size_t vector_memory = 8 * MiB;
};

}  // namespace halcyon::state
