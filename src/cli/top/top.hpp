// `halcyon top`: a live view of a sidecar.
#pragma once

#include "cli/commands.hpp"

namespace halcyon::cli::top {

/// Until q or a signal. `usage`: standard output is no terminal.
Exit run(const Target& target);

}  // namespace halcyon::cli::top
