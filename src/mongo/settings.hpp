// The `mongodb` section of the settings.
#pragma once

#include "mongo/options.hpp"
#include "settings/fields.hpp"

namespace halcyon::mongo {

/// Everything of Options but `source`, which is the deployment's. What `check` refuses is a mistake.
settings::Fields<Options> fields();

}  // namespace halcyon::mongo
