#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "base/digest.hpp"
#include "core/vector.hpp"

namespace halcyon {

/// What a vector is kept under: everything that made it (law 10: the embedder's identity and its dimension,
/// so that another model's vector is never found).
inline Digest vector_key(std::string_view embedder, std::uint32_t dimension, std::string_view text) {
    return DigestBuilder().add(embedder).add(std::uint64_t{dimension}).add(text).finish();
}

/// Vectors that were paid for. What it forgets costs one embedding and nothing else, so nothing here fails.
/// Thread rule: the loop; concurrent calls are fine.
class VectorCache {
  public:
    virtual ~VectorCache() = default;
    /// By position, the very text that was put; nothing: not kept, damaged, or not of `dimension` numbers.
    virtual Task<std::vector<std::optional<EncodedVector>>> get(std::vector<Digest> keys,
                                                                std::uint32_t dimension) = 0;
    /// Kept until newer ones need the room. What cannot be kept is not.
    virtual Task<> put(std::vector<std::pair<Digest, EncodedVector>> vectors) = 0;
    /// Room that is taken now, roughly.
    virtual std::uint64_t bytes() const = 0;
};

}  // namespace halcyon
