// What several routes do with documents that are to be tried again.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "core/ports/control.hpp"
#include "core/ports/state_store.hpp"

namespace halcyon::admin {

using Edges = std::vector<RouteStatus>;

/// All that have the status, but for what is stored of routes that are gone: that cannot be tried again.
/// REQUIRES: `state` outlives it.
Task<Result<std::vector<ReceiptKey>>> keys_with(StateReader* state, Edges routes,
                                                std::optional<CollectionName> collection, SyncStatus status);

/// Those documents of which something is stored, in any of the keys' collections.
Task<Result<std::set<DocumentKey>>> known_of(StateReader* state, std::vector<ReceiptKey> keys);

/// Any number of them, a thousand at a time.
Task<Result<>> retry_all(DocumentControl* documents, std::vector<ReceiptKey> keys, RetryRequest how);

}  // namespace halcyon::admin
