// The `qdrant` section of the settings, and Qdrant's side of each collection.
#pragma once

#include "core/ports/sink.hpp"
#include "qdrant/options.hpp"
#include "settings/fields.hpp"

namespace halcyon::qdrant {

/// Everything of Options that operators set; `source` is the deployment's. What `check` refuses is a mistake.
settings::Fields<Options> fields();

/// One entry of `collections`; its name and dimension come from elsewhere.
settings::Fields<CollectionSpec> collection_fields();

}  // namespace halcyon::qdrant
