#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/key.hpp"
#include "core/status.hpp"

namespace halcyon {

/// How a document stands in one collection, as it is written beside it. Times of 0 and empty texts are null.
struct StatusEntry {
    SyncStatus status = SyncStatus::synced;
    WallTime last_synced{};
    WallTime last_attempt{};
    std::string last_error;
    ErrorCode code = ErrorCode::none;
    std::uint32_t retries = 0;
    std::string content_hash;
    std::uint32_t vector_version = 0;
    bool operator==(const StatusEntry&) const = default;
};

/// Of one document: how it stands in each collection that it goes to; nothing where it is not and should not
/// be.
struct StatusRow {
    DocumentKey key;
    std::map<CollectionName, std::optional<StatusEntry>> collections;

    /// The worst of all; nothing: it is nowhere.
    std::optional<SyncStatus> overall() const;
};

/// From what is stored.
std::optional<StatusEntry> status_entry(const Stored& stored);

/// Writes statuses into the source's own documents. Thread rule: the loop.
class StatusWriter {
  public:
    virtual ~StatusWriter() = default;
    /// Where in a document: what was written elsewhere is not there.
    virtual std::string place() const = 0;
    /// How many were refused, one by one, and will be again (a field that is no object stands in the way).
    struct Written {
        std::uint64_t refused = 0;
        std::string why;  // of the last one
    };
    /// Sets (and removes) these entries and nothing else. A document that is gone is passed over. Errors:
    /// retry (away; some may be written, and may be written again), fatal (rights).
    virtual Task<Result<Written>> write(std::vector<StatusRow> rows, Deadline deadline) = 0;
};

}  // namespace halcyon
