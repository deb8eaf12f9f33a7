// The room's services over one pool of connections.
#pragma once

#include <memory>

#include "base/random.hpp"
#include "core/ports/sink.hpp"
#include "core/ports/writer_marks.hpp"
#include "qdrant/inspector.hpp"
#include "qdrant/options.hpp"
#include "qdrant/search.hpp"

namespace halcyon::qdrant {

struct Services {
    /// REQUIRES: `ensure` of a collection has succeeded before anything else is asked of it; before that
    /// every call is {retry, not_found}. `ensure` again after an outage: it takes up a collection that was
    /// made anew.
    std::unique_ptr<Sink> sink;
    std::unique_ptr<Search> search;
    std::unique_ptr<Inspector> inspector;
    /// Of collections that `sink` has ensured.
    std::unique_ptr<WriterMarks> marks;
};

/// Connects when first used. `clock` and `random` must outlive the services. Errors: {fatal, invalid} for
/// options that can't be used.
Result<Services> make_services(async::Executor executor, const async::Clock& clock, Random& random,
                               Options options);

}  // namespace halcyon::qdrant
