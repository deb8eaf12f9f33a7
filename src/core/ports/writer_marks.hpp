#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "base/result.hpp"
#include "core/key.hpp"

namespace halcyon {

/// Who writes into a collection, noted in the collection itself.
struct WriterMark {
    std::string writer;      // a random id that is kept in the state folder
    std::string run;         // a random id of one process
    std::string since;       // RFC 3339, by the writer's clock; for people only
    std::uint64_t beat = 0;  // counted up while the process lives
    std::int64_t lease_ms = 0;
    bool released = false;  // it stopped in order, and nothing of it is under way
    bool operator==(const WriterMark&) const = default;
};

/// No compare-and-swap: between a read and a write somebody else may write. Thread rule: the loop; concurrent
/// calls are fine.
class WriterMarks {
  public:
    virtual ~WriterMarks() = default;
    /// REQUIRES: the collection was ensured. Nothing: it has no mark. Errors: retry.
    virtual Task<Result<std::optional<WriterMark>>> read(CollectionName collection, Deadline deadline) = 0;
    /// Takes the place of the mark that is there; what else the collection says of itself stays. Errors:
    /// retry (away); any verdict with unauthorized, reject: nobody may leave a mark with this key.
    virtual Task<Result<>> write(CollectionName collection, WriterMark mark, Deadline deadline) = 0;
};

}  // namespace halcyon
