#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "async/clock.hpp"
#include "base/result.hpp"
#include "core/key.hpp"
#include "core/provenance.hpp"
#include "core/receipt.hpp"
#include "core/vector.hpp"

namespace halcyon {

/// One chunk. `payload` is the JSON object text of the route's payload; the sink adds `_halcyon` from
/// `provenance`.
struct PointWrite {
    PointId id;
    SharedVector vector;
    std::string payload;
    Provenance provenance;
};
struct PayloadWrite {
    PointId id;
    std::string payload;
    Provenance provenance;
};

/// What one document needs in one collection; carried out in this order (law 4: write before delete).
struct SinkOperation {
    std::vector<PointWrite> upserts;
    std::vector<PayloadWrite> payloads;  // overwrite_payload
    std::vector<PointId> removes;
    std::size_t bytes() const {
        std::size_t n = removes.size() * 40;
        for (const auto& u : upserts) n += u.vector->json.size() + u.payload.size() + 512;
        for (const auto& p : payloads) n += p.payload.size() + 512;
        return n;
    }
};

/// The fate of one operation: done (Qdrant answered `completed` for all its parts), or an Error:
/// retry: nothing was sent or nothing took effect (the collection should pause); retry + in_doubt: the fate
/// is unknown, ask; reject: this batch was refused (if it held more than one operation the culprit is not
/// known: split); resync + not_found: a payload's point does not exist: the receipt is void.
using SinkOutcome = Result<>;

/// What Qdrant holds of one chunk, from its `_halcyon`.
struct HeldChunk {
    PointId id;
    Provenance provenance;
};

/// A document as found in Qdrant. Held whole only if chunks 0..n-1 all exist with one digest and version:
/// `receipt()`.
struct HeldDocument {
    std::vector<HeldChunk> chunks;
    /// Nothing if the chunks do not agree (then everything must be written again); a receipt otherwise.
    std::optional<Receipt> receipt() const;
};

struct CollectionSpec {
    CollectionName name;
    std::uint32_t dimension = 0;
    Distance distance = Distance::cosine;
    std::optional<std::string> vector_name;  // named vector; nothing: the unnamed one
    std::map<std::string, std::string>
        payload_indexes;             // field -> schema (keyword, integer, float, ... or a JSON object)
    std::string create_json = "{}";  // passed on at creation (a JSON object)
    bool adopt = false;              // use an existing plain collection of that name
};

/// What tells a collection from another of the same name, and whether it still holds what the receipts say.
struct CollectionState {
    std::string physical;
    std::string identity;  // from the collection's metadata; empty where there is none
    std::uint64_t points = 0;
    bool created = false;             // by this call
    std::uint32_t highest_epoch = 0;  // found in its metadata, if any
};

struct ScrollPage {
    std::vector<HeldChunk> chunks;
    std::optional<std::string> next;  // pass back to go on; nothing: the end
};

/// Where points go. Thread rule: the loop; concurrent calls are fine.
class Sink {
  public:
    virtual ~Sink() = default;
    /// Makes the collection and its alias where they are missing, checks dimension and distance, makes
    /// missing payload indexes. Errors: retry (away), fatal (dimension, distance, an unadopted plain
    /// collection, rights).
    virtual Task<Result<CollectionState>> ensure(CollectionSpec spec, Deadline deadline) = 0;
    /// One outcome per operation, by position.
    virtual Task<std::vector<SinkOutcome>> apply(CollectionName collection,
                                                 std::vector<SinkOperation> operations,
                                                 Deadline deadline) = 0;
    /// What is held of each key (by the indexed key, so that chunks beyond a receipt's count are found too).
    virtual Task<Result<std::vector<HeldDocument>>> lookup(CollectionName collection,
                                                           std::vector<DocumentKey> keys,
                                                           Deadline deadline) = 0;
    /// All points that carry `_halcyon`, a page at a time, for rebuilding receipts.
    virtual Task<Result<ScrollPage>> scroll(CollectionName collection, std::optional<std::string> from,
                                            std::size_t limit, Deadline deadline) = 0;
    /// Exact number of points.
    virtual Task<Result<std::uint64_t>> count(CollectionName collection, Deadline deadline) = 0;
    /// How large a request may be.
    virtual std::size_t max_request_bytes() const = 0;
};

}  // namespace halcyon
