#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "async/budget.hpp"
#include "async/clock.hpp"
#include "base/result.hpp"
#include "core/commit.hpp"
#include "core/document.hpp"
#include "core/key.hpp"
#include "core/version.hpp"

namespace halcyon {

/// A part of a namespace in the source's own order of `_id`: min inclusive, max exclusive, empty means open.
struct IdRange {
    DocId min;
    DocId max;
    bool operator==(const IdRange&) const = default;
};

struct ScannedDocument {
    DocId id;
    Document document;
    async::Lease lease;
};

/// A running scan; documents in ascending `_id`. Thread rule: the loop; one caller at a time.
class Scan {
  public:
    virtual ~Scan() = default;
    /// The operation time taken before the range was opened: every document of the scan contains every change
    /// up to it.
    virtual ClusterTime at() const = 0;
    /// At most `most` documents; empty at the end. Errors end the scan: open a new one at the last id seen.
    virtual Task<Result<std::vector<ScannedDocument>>> next(std::size_t most) = 0;
    virtual Task<> close() = 0;
};

/// How much of the past the source keeps: a position before `oldest` is lost.
struct History {
    ClusterTime oldest{};
    ClusterTime newest{};
    /// How full it is, in (0, 1]. Nothing is dropped before it is full; 1 where that is not known.
    double used = 1;
    /// What is old may go at any moment.
    bool full() const { return used > 0.9; }
    /// From the oldest to the newest once it is full, if it goes on being written as it was.
    std::chrono::seconds reach() const;
    bool operator==(const History&) const = default;
};

struct LookupResult {
    /// The operation time taken before the look-up: the answer contains every change up to it.
    ClusterTime at{};
    /// By position of the asked id; nothing: the document does not exist at `at` or later.
    std::vector<std::optional<Document>> documents;
};

/// Reads documents outside the stream, with read concern majority and afterClusterTime. Thread rule: the
/// loop; concurrent calls are fine.
class DocumentReader {
  public:
    virtual ~DocumentReader() = default;
    /// The deployment's identity and its operation time now; `namespaces` are those whose UUIDs are wanted.
    virtual Task<Result<SourceIdentity>> identify(std::vector<Namespace> namespaces, Deadline deadline) = 0;
    /// Roughly how many documents; for progress and cost, never for decisions.
    virtual Task<Result<std::uint64_t>> estimate(Namespace ns, Deadline deadline) = 0;
    /// At most `parts` ranges that together cover everything; the first and last are open-ended.
    virtual Task<Result<std::vector<IdRange>>> split(Namespace ns, unsigned parts, Deadline deadline) = 0;
    /// Opens a scan that is not older than `not_before`.
    virtual Task<Result<std::unique_ptr<Scan>>> scan(Namespace ns, IdRange range, ClusterTime not_before,
                                                     Deadline deadline) = 0;
    virtual Task<Result<LookupResult>> lookup(Namespace ns, std::vector<DocId> ids, ClusterTime not_before,
                                              Deadline deadline) = 0;
    /// Errors: unauthorized (the user may not see it: what to grant), unsupported (none is to be seen here),
    /// retry (away).
    virtual Task<Result<History>> history(Deadline deadline) = 0;
};

}  // namespace halcyon
