#include "simulation/world/disk.hpp"

#include <rocksdb/env.h>

#include <stdexcept>

#include "state/hooks.hpp"
#include "state/rocks_store.hpp"
#include "state/testing.hpp"
#include "state/vectors.hpp"
#include "support/memory_vectors.hpp"

namespace halcyon::simulation {
namespace {

/// A program that has died has no effect any more.
class Gate : public Disk, public CommitStore {
  public:
    CommitStore& commits() override { return *this; }
    void fail_commits(std::optional<Error> error) override { failing_ = std::move(error); }
    Task<Result<>> commit(Commit commit, Durability durability) override {
        if (cut_) co_return fail(Verdict::fatal, Cause::unavailable, "simulated: the process has died");
        if (failing_) co_return fail(*failing_);
        co_return co_await store().commit(std::move(commit), durability);
    }

  protected:
    virtual CommitStore& store() = 0;
    bool cut_ = false;

  private:
    std::optional<Error> failing_;
};

class ModelDisk final : public Gate {
  public:
    ModelDisk(async::Clock& clock, Random& random)
        : store_(clock, random), vectors_(clock, random, std::chrono::milliseconds(3)) {
        vectors_.forgets = 0.1;
    }
    void open() override { cut_ = false; }
    StateReader& reader() override { return store_; }
    VectorCache& vectors() override { return vectors_; }
    void cut(bool power) override {
        cut_ = true;
        power ? store_.power_loss() : store_.process_crash();
    }
    Task<Result<>> close() override {
        store_.orderly_stop();
        co_return success();
    }
    testing::Tables tables() override { return store_.tables(); }

  private:
    CommitStore& store() override { return store_; }
    testing::MemoryStore store_;
    testing::MemoryVectors vectors_;
};

class RocksDisk final : public Gate {
  public:
    RocksDisk(boost::asio::io_context& loop, async::Clock& clock, Random& random)
        : loop_(loop),
          env_(rocksdb::NewMemEnv(rocksdb::Env::Default())),
          pool_(loop.get_executor(), clock, random) {}
    ~RocksDisk() override { finish(pool_.join()); }

    void open() override {
        state::Options options;
        options.path = "/state";
        options.cache = options.write_buffer = MiB;
        state::Hooks hooks;
        hooks.env = env_.get();
        hooks.boot_id = "one";
        auto opened = state::open_with(options, hooks, pool_, pool_);
        if (opened.has_error()) throw std::runtime_error(describe(opened.error()));
        store_ = std::move(opened.value());
        auto vectors = state::Vectors::open({"/vectors", 16 * MiB, MiB, env_.get()}, pool_);
        if (vectors.has_error()) throw std::runtime_error(describe(vectors.error()));
        vectors_ = std::move(vectors.value());
        cut_ = false;
    }
    StateReader& reader() override { return *store_; }
    VectorCache& vectors() override { return *vectors_; }
    void cut(bool) override {
        cut_ = true;
        pool_.drain();
    }
    Task<Result<>> close() override { co_return co_await store_->close(); }
    void release() override {
        pool_.drain();
        store_.reset();
        vectors_.reset();
    }
    testing::Tables tables() override {
        testing::Tables tables;
        finish(read(tables));
        return tables;
    }

  private:
    CommitStore& store() override { return *store_; }
    /// Runs it to its end at this instant.
    void finish(Task<> task) {
        async::TaskGroup group(loop_.get_executor());
        group.spawn(std::move(task));
        async::TaskGroup last(loop_.get_executor());
        last.spawn(group.join());
        while (last.running() > 0) {
            pool_.drain();
            loop_.restart();
            loop_.poll();
        }
    }
    Task<> read(testing::Tables& tables) {
        auto stored = (co_await store_->load()).value();
        tables.frontier = stored.frontier;
        for (auto& s : stored.snapshots) tables.snapshots[{s.ns, s.collection}] = s;
        for (auto& n : stored.namespaces) tables.namespaces[n.ns] = n;
        for (auto& [name, value] : stored.notes) tables.notes[name] = value;
        constexpr std::size_t all = 100'000;
        const WallTime end{std::numeric_limits<std::int64_t>::max()};
        const auto counts = (co_await store_->counts()).value();
        for (const auto& c : counts) {
            const auto receipts = (co_await store_->scan_receipts(c.collection, {}, {}, all)).value();
            const auto dead = (co_await store_->dead_letters(c.collection, {}, all)).value();
            tables.receipts.insert(receipts.rows.begin(), receipts.rows.end());
            for (const bool retries : {false, true}) {
                const auto owed = (co_await store_->due(c.collection, retries, end, all)).value();
                tables.owed.insert(owed.begin(), owed.end());
            }
            tables.dead.insert(dead.rows.begin(), dead.rows.end());
        }
        if (counts != tables.counts()) throw std::logic_error("the store's counts differ from a scan");
    }

    boost::asio::io_context& loop_;
    std::unique_ptr<rocksdb::Env> env_;
    VirtualPool pool_;
    std::unique_ptr<state::RocksStore> store_;
    std::unique_ptr<state::Vectors> vectors_;
};

}  // namespace

std::unique_ptr<Disk> model_disk(async::Clock& clock, Random& random) {
    return std::make_unique<ModelDisk>(clock, random);
}
std::unique_ptr<Disk> rocks_disk(boost::asio::io_context& loop, async::Clock& clock, Random& random) {
    return std::make_unique<RocksDisk>(loop, clock, random);
}

}  // namespace halcyon::simulation
