// One seed, one history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace halcyon::simulation {

/// Changes, faults, ends and beginnings in an order drawn from the seed; then calm. Every tenth seed keeps
/// its state in RocksDB. Returns what is wrong then, and each moment at which a law was broken; nothing: all
/// is well.
std::vector<std::string> history(std::uint64_t seed);

/// Log lines of the histories that follow go to `line`, with virtual time: the same seed gives the same
/// lines.
void trace(void (*line)(const std::string&));

}  // namespace halcyon::simulation
