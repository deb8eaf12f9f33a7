// Environment names of earlier systems, accepted so that a deployment can be switched over as it is.
#pragma once

#include <string>
#include <vector>

#include "settings/environment.hpp"
#include "settings/value.hpp"

namespace halcyon::app {

/// Fills what the file leaves out: MONGODB_URI, QDRANT_URL, QDRANT_API_KEY, EMBEDDING_SERVICE_URL (of the
/// embedder `default`, unless that is lexical), MONGODB_DATABASE (of a route's `from` without a database),
/// QDRANT_COLLECTION (of a route without `to`). A variable that is set to nothing counts as not set. Returns
/// what to log: the names that were used, and those of earlier systems that mean nothing yet.
std::vector<std::string> fill_from_earlier_names(settings::Value& root,
                                                 const settings::Environment& environment);

}  // namespace halcyon::app
