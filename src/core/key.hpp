// Who a document is.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "core/document.hpp"

namespace halcyon {

/// A Qdrant collection by its logical name (the alias that searchers use).
using CollectionName = Strong<struct CollectionNameTag>;
/// A configured source; part of every point id. "mongodb" unless set.
using SourceName = Strong<struct SourceNameTag>;

/// A MongoDB namespace.
struct Namespace {
    std::string database;
    std::string collection;
    auto operator<=>(const Namespace&) const = default;
    /// "database.collection"
    std::string text() const { return database + "." + collection; }
    /// At the first dot: database names hold none, collection names may.
    static Result<Namespace> parse(std::string_view text);
};

/// An `_id` in its one canonical form. `5`, `"5"` and ObjectId differ; numbers that MongoDB's unique index
/// calls equal (5, 5L, 5.0, Decimal128 "5") are one: int64 where integral and in range, else double where
/// exact, else a normalised Decimal128; the same inside embedded documents and arrays. Symbols are strings,
/// -0.0 is 0, every NaN is one. The canonical form is itself a BSON document with the one field "_id", so it
/// can be sent in look-ups.
class DocId {
  public:
    DocId() = default;
    /// From a document that has an `_id` (a document key, a full document). Errors: reject/invalid without
    /// one.
    static Result<DocId> of(std::string_view bson);
    /// From stored canonical bytes. REQUIRES: made by `bytes()`.
    static DocId from_bytes(std::string bytes);

    /// BSON document `{_id: <canonical>}`.
    const std::string& bytes() const { return bytes_; }
    /// The value in canonical extended JSON: `{"$numberLong":"5"}`, `"5"`, `{"$oid":".."}`. Unambiguous.
    std::string json() const;
    /// From what `json()` gave. Errors: reject/invalid for text that is not one value of extended JSON.
    static Result<DocId> from_json(std::string_view text);
    /// For people: `5`, `"5"`, `ObjectId(..)` as relaxed extended JSON.
    std::string display() const;
    /// From what a person types: extended JSON if it parses as such, 24 hex digits as ObjectId, else a
    /// string.
    static Result<DocId> parse(std::string_view text);
    auto operator<=>(const DocId&) const = default;
    bool empty() const { return bytes_.empty(); }

  private:
    explicit DocId(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string bytes_;
};

/// (database, collection, _id); the source is one per deployment and named at the edges.
struct DocumentKey {
    Namespace ns;
    DocId id;
    auto operator<=>(const DocumentKey&) const = default;
};

/// A 36-character lower-case UUID; what Qdrant stores a chunk under.
using PointId = Strong<struct PointIdTag>;

/// The one point-id function (law 5): UUIDv5 over a canonical, length-prefixed
/// (source, logical collection, database, collection, `_id`, chunk). Never change it: tests/unit/core pins a
/// table.
PointId point_id(const SourceName& source, const CollectionName& collection, const DocumentKey& key,
                 std::uint32_t chunk);

}  // namespace halcyon

/// Not noexcept: for libstdc++ that means that a table keeps the hashes, and does not hash neighbours again.
template <>
struct std::hash<halcyon::DocumentKey> {
    std::size_t operator()(const halcyon::DocumentKey& k) const {
        const std::hash<std::string> h;
        return h(k.id.bytes()) * 31 + h(k.ns.collection) * 7 + h(k.ns.database);
    }
};
