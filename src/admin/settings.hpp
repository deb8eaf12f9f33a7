#pragma once

#include "admin/options.hpp"
#include "settings/fields.hpp"

namespace halcyon::admin {

/// The section `http`.
settings::Fields<AdminOptions> fields();

}  // namespace halcyon::admin
