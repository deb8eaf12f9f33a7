// The `state` section of the settings.
#pragma once

#include "settings/fields.hpp"
#include "state/options.hpp"

namespace halcyon::state {

/// Everything of Options.
settings::Fields<Options> fields();

}  // namespace halcyon::state
