// What operators ask of single documents.
#pragma once

#include <set>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "core/receipt.hpp"

namespace halcyon::pipeline {

struct RunState;

struct RetryRequest {
    bool force = false;  // written again even if nothing differs
    bool reset = false;  // its failed attempts are forgotten
};

/// Notes, in one synced commit, by which these documents are read and tried again now. Yields the collections
/// that they are of. Errors: reject/not_found (no route), fatal (the state store). REQUIRES: `run` lives on.
Task<Result<std::set<CollectionName>>> owe_again(RunState* run, std::vector<ReceiptKey> keys,
                                                 RetryRequest how);

}  // namespace halcyon::pipeline
