// What the process says to its caller.
#pragma once

namespace halcyon::cli {

enum class Exit : int {
    done = 0,
    failed = 1,  // or differs
    usage = 2,   // or settings
    unknown_id = 3,
    unreachable = 4,
    guard = 5,  // stopped by a guard
};

}  // namespace halcyon::cli
