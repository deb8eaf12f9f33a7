// A document as its source gave it: BSON bytes, shared, never changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace halcyon {

/// Immutable, reference-counted BSON bytes (https://bsonspec.org, one top-level document). Cheap to copy; any
/// thread.
class Document {
  public:
    Document() = default;
    /// Copies `bson`. Errors: reject/invalid when the bytes are no well-formed document (lengths,
    /// terminators, types).
    static Result<Document> from_bson(std::string_view bson);
    /// Takes over `bson` without a look at it. REQUIRES: well-formed (it came from the driver).
    static Document trusted(std::string bson);
    /// From extended JSON (relaxed or canonical): for tests and tools.
    static Result<Document> from_json(std::string_view json);

    bool empty() const { return !bytes_; }
    std::string_view bson() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
    std::size_t size() const { return bytes_ ? bytes_->size() : 0; }
    /// Canonical extended JSON.
    std::string to_json() const;

  private:
    std::shared_ptr<const std::string> bytes_;
};

}  // namespace halcyon
