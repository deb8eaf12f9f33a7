// One entry of the `routes` section of the settings.
#pragma once

#include "render/route.hpp"
#include "settings/fields.hpp"

namespace halcyon::render {

/// Everything of RouteOptions. Filter and template are compiled, so that what is wrong in them is a mistake
/// here.
settings::Fields<RouteOptions> fields();

}  // namespace halcyon::render
