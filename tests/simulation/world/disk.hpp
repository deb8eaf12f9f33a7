// What of a program's state survives its end: the stores' model, or RocksDB on a file system in memory.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "async/clock.hpp"
#include "base/random.hpp"
#include "core/ports/vector_cache.hpp"
#include "simulation/world/pool.hpp"
#include "support/memory_store.hpp"

namespace halcyon::simulation {

/// Thread rule: the loop.
class Disk {
  public:
    virtual ~Disk() = default;
    /// A program begins.
    virtual void open() {}
    virtual CommitStore& commits() = 0;
    virtual StateReader& reader() = 0;
    virtual VectorCache& vectors() = 0;
    /// The program dies, or the machine's power goes: nothing of it has an effect from now on.
    virtual void cut(bool power) = 0;
    /// The state's orderly end; afterwards a start finds it clean.
    virtual Task<Result<>> close() = 0;
    /// The program's last coroutine has ended, whatever made it end.
    virtual void release() {}
    /// While set, commits have no effect and fail with it.
    virtual void fail_commits(std::optional<Error> error) = 0;
    /// What is stored now. REQUIRES: it is open.
    virtual testing::Tables tables() = 0;
};

std::unique_ptr<Disk> model_disk(async::Clock& clock, Random& random);
/// A power loss is a crash here: a file system in memory forgets nothing.
std::unique_ptr<Disk> rocks_disk(boost::asio::io_context& loop, async::Clock& clock, Random& random);

}  // namespace halcyon::simulation
