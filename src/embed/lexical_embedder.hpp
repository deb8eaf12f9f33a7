// The built-in embedder.
#pragma once

#include "async/pool.hpp"
#include "core/ports/embedder.hpp"
#include "embed/options.hpp"

namespace halcyon::embed {

/// Works on the pool; never fails. Thread rule: the loop.
class LexicalEmbedder final : public Embedder {
  public:
    /// REQUIRES: options as `completed` returns them; the pool lives longer.
    LexicalEmbedder(const EmbedderOptions& options, async::Pool& pool);

    std::string identity() const override;
    Task<Result<std::uint32_t>> dimension(Deadline deadline) override;
    EmbedderLimits limits() const override;
    Task<Result<std::vector<EncodedVector>>> embed(std::vector<std::string> texts,
                                                   Deadline deadline) override;

  private:
    std::uint32_t dimension_;
    EmbedderLimits limits_;
    async::Pool& pool_;
};

}  // namespace halcyon::embed
