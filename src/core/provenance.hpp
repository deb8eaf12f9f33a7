// What every point says of itself: the reserved payload object `_halcyon`.
#pragma once

#include <cstdint>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "core/key.hpp"
#include "core/version.hpp"

namespace halcyon {

/// From these alone receipts can be rebuilt. Written and read by the sink's room only; its JSON form is
/// documented there.
struct Provenance {
    SourceName source;
    DocumentKey key;
    std::uint32_t chunk = 0;
    std::uint32_t chunks = 1;
    Digest text;         // of the embedded text with the fingerprint
    Digest payload;      // of the payload without `_halcyon`
    Digest fingerprint;  // of all that changes the vector without the document changing
    Version version;
    WallTime at{};
};

}  // namespace halcyon
