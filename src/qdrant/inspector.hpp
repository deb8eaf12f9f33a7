// What `halcyon check` wants to know of Qdrant before anything runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/result.hpp"
#include "core/ports/sink.hpp"

namespace halcyon::qdrant {

struct ServerInspection {
    std::string version;    // "1.18.3"; empty: the server does not say
    bool supported = true;  // false: too old to work with
    bool tried = false;     // halcyon was tried with this version
};

struct CollectionInspection {
    std::string physical;                      // where points are, or would be
    bool exists = false;                       // false: `run` makes it
    bool aliased = false;                      // searchers find it by its logical name
    std::uint64_t points = 0;                  // exact
    std::optional<Error> wrong;                // what `ensure` would refuse; nothing: it fits
    std::vector<std::string> missing_indexes;  // that `run` makes
    std::vector<std::string> strict;           // limits of strict mode, for people
};

/// Asks only; nothing is made or changed. Thread rule: the loop; concurrent calls are fine.
class Inspector {
  public:
    virtual ~Inspector() = default;
    /// Errors: Qdrant cannot be reached, or refuses the key.
    virtual Task<Result<ServerInspection>> server(Deadline deadline) = 0;
    /// The same, for one collection. `spec.dimension` 0: the size is not judged.
    virtual Task<Result<CollectionInspection>> collection(CollectionSpec spec, Deadline deadline) = 0;
};

}  // namespace halcyon::qdrant
