// The laws that are judged at every instant, not only in the end (docs/guarantees.md).
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "core/ports/state_store.hpp"
#include "simulation/world/wanted.hpp"

namespace halcyon::simulation {

/// Sees every commit on its way to the disk and every operation that takes effect in the target. Thread rule:
/// the loop.
class Laws {
  public:
    Laws(const pipeline::PipelineOptions& settings, async::Clock& clock, Source& source, Target& target,
         const Wanted& wanted);

    /// A program begins with this on its disk.
    void begin(testing::Tables stored);
    /// Law 1 (the frontier passes only what is settled) and law 3 (a receipt tells what is held).
    void committing(const Commit& commit);
    /// Law 4 (write before delete).
    void landed(const CollectionName& collection, const SinkOperation& operation,
                const std::map<PointId, Target::Point>& before);

    /// Somebody reads and writes nothing of it.
    std::function<bool()> somebody_counts;
    std::vector<std::string> violations;

  private:
    void passed(const Position& position);
    bool settled(const Source::Entry& entry, const CollectionName& collection) const;
    bool another_history() const;
    bool dead(const Namespace& ns, const Version& version) const;
    void held(const ReceiptKey& key, const Receipt& receipt);
    void known(const Commit& commit);
    void expired(const ReceiptKey& key, const Version& version);
    template <class... A>
    void violated(fmt::format_string<A...> f, A&&... a) {
        violations.push_back(fmt::format(f, std::forward<A>(a)...));
        log::debug("laws", "{}", violations.back());
    }

    const pipeline::PipelineOptions& settings_;
    async::Clock& clock_;
    Source& source_;
    Target& target_;
    const Wanted& wanted_;
    testing::Tables stored_;  // with every commit that was sent
    std::map<ReceiptKey, Version> expired_;
};

/// The disk's commits, seen by the laws first.
class JudgedCommits final : public CommitStore {
  public:
    JudgedCommits(CommitStore& store, Laws& laws) : store_(store), laws_(laws) {}
    Task<Result<>> commit(Commit commit, Durability durability) override {
        laws_.committing(commit);
        co_return co_await store_.commit(std::move(commit), durability);
    }

  private:
    CommitStore& store_;
    Laws& laws_;
};

}  // namespace halcyon::simulation
