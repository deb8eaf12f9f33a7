// Asks all sides about one document.
#pragma once

#include "async/task.hpp"
#include "pipeline/decide/story.hpp"
#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// What cannot be asked is part of the answer. Without streaming, trouble and the phases of routes, which are
/// not the run's. REQUIRES: `run` lives on. Thread rule: the loop.
Task<DocumentFacts> gather(RunState* run, DocumentKey key);

}  // namespace halcyon::pipeline
