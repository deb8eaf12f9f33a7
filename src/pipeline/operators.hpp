// What operators ask of single documents.
#pragma once

#include <set>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "core/ports/control.hpp"

namespace halcyon::pipeline {

struct RunState;

/// Notes, in one synced commit, by which these documents are read and tried again now. Yields the collections
/// that they are of. Errors: reject/not_found (no route), fatal (the state store). REQUIRES: `run` lives on.
Task<Result<std::set<CollectionName>>> owe_again(RunState* run, std::vector<ReceiptKey> keys,
                                                 RetryRequest how);

/// Pauses (or lets go on) a collection, or all, and keeps that in mind for the next start. Errors:
/// reject/not_found, fatal (the state store). REQUIRES: `run` lives on.
Task<Result<std::vector<CollectionName>>> halt_lanes(RunState* run, std::optional<CollectionName> collection,
                                                     bool on);
/// The name of the note that says "yes" while an operator's pause of a collection lasts.
std::string paused_note(const CollectionName& collection);

}  // namespace halcyon::pipeline
