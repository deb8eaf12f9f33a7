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

/// Of several: the first that is not `done`.
constexpr Exit worse(Exit a, Exit b) { return a == Exit::done ? b : a; }

}  // namespace halcyon::cli
