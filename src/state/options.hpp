// Settings of the state folder (`state:`).
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"

namespace halcyon::state {

struct Options {
    /// The folder; made if it is missing (its parent must exist). Holds the data base (`db`), a note of who
    /// uses it and the control socket. Not empty.
    std::string path = "/var/lib/halcyon";
    /// Block cache, with indexes and filters in it. Default 32 MiB, at least 1 MiB.
    std::size_t cache = 32 * MiB;
    /// Ceiling of what is not yet in files, over all tables. Default 16 MiB, at least 1 MiB.
    std::size_t write_buffer = 16 * MiB;
    /// Open files at most. Default 256, 16 to 100000; -1 would be no limit and is refused.
    int max_open_files = 256;
};

}  // namespace halcyon::state
