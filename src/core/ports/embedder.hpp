#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/result.hpp"
#include "core/vector.hpp"

namespace halcyon {

struct EmbedderLimits {
    std::size_t texts = 64;        // most texts in one call
    std::size_t bytes = 1 << 20;   // most bytes of text in one call
    std::size_t concurrency = 16;  // most calls in flight; 1 for embedders that only burn CPU
    std::size_t characters =
        1 << 20;         // longest text that makes sense to send; longer ones are refused by the service
    bool costly = true;  // a vector costs more than to look one up on disk: it is worth keeping
};

/// Texts to vectors. Thread rule: the loop; concurrent calls are fine.
class Embedder {
  public:
    virtual ~Embedder() = default;
    /// Everything that changes the vector without the text changing: type, model, version of its code. Part
    /// of the fingerprint.
    virtual std::string identity() const = 0;
    /// Asked of the service once, then pinned; with a set dimension, that one.
    virtual Task<Result<std::uint32_t>> dimension(Deadline deadline) = 0;
    virtual EmbedderLimits limits() const = 0;
    /// Output i belongs to input i; all or nothing. Every vector has `dimension()` numbers, all finite, or
    /// the call fails with dimension_mismatch (law 10). A reply with too few vectors fails.
    virtual Task<Result<std::vector<EncodedVector>>> embed(std::vector<std::string> texts,
                                                           Deadline deadline) = 0;
};

}  // namespace halcyon
