// One entry of the `embedders` section of the settings.
#pragma once

#include "embed/options.hpp"
#include "settings/fields.hpp"

namespace halcyon::embed {

/// Everything of EmbedderOptions; `type` must be written, since a forgotten one must not become a model-less
/// search.
settings::Fields<EmbedderOptions> fields();

}  // namespace halcyon::embed
