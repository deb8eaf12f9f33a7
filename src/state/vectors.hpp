// The vector cache on disk: a RocksDB of its own beside the state, so that whatever becomes of it costs
// embeddings and no receipt (docs/adr/0016-a-cache-of-vectors.md).
#pragma once

#include <memory>
#include <string>

#include "async/pool.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/ports/vector_cache.hpp"

namespace rocksdb {
class Env;
}

namespace halcyon::state {

struct VectorOptions {
    /// The folder, made if it is missing; its parent must exist.
    std::string path;
    /// On disk; what was put first goes first, unless it was asked for since. At least 16 MiB.
    std::uint64_t bytes = 256 * MiB;
    /// Half of it for what is not in files yet, half for blocks that were read. At least 1 MiB.
    std::size_t memory = 8 * MiB;
    rocksdb::Env* env = nullptr;  // nothing: the system's files. REQUIRES: outlives the cache
};

/// Reads and writes run on the pool, which outlives the cache. Thread rule: the loop.
class Vectors final : public VectorCache {
  public:
    /// One that cannot be opened is thrown away and begun anew. Blocks: for start-up. Errors: the folder
    /// cannot be written, or another process holds it.
    static Result<std::unique_ptr<Vectors>> open(const VectorOptions& options, async::Pool& pool);
    /// Gives the room back to the disk.
    static void remove(const VectorOptions& options);
    ~Vectors() override;

    Task<std::vector<std::optional<EncodedVector>>> get(std::vector<Digest> keys,
                                                        std::uint32_t dimension) override;
    Task<> put(std::vector<std::pair<Digest, EncodedVector>> vectors) override;
    std::uint64_t bytes() const override;

  private:
    struct Tables;
    Vectors(std::shared_ptr<Tables> tables, async::Pool& pool);
    std::shared_ptr<Tables> tables_;
    async::Pool& pool_;
};

}  // namespace halcyon::state
