// Texts of all collections that share an embedder, in batches (section "Embed" of docs/architecture.md).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/clock.hpp"
#include "async/task_group.hpp"
#include "async/waiter.hpp"
#include "base/digest.hpp"
#include "base/random.hpp"
#include "core/overview.hpp"
#include "core/ports/embedder.hpp"
#include "core/ports/vector_cache.hpp"
#include "pipeline/decide/own_failures.hpp"
#include "pipeline/decide/service_proof.hpp"
#include "pipeline/options.hpp"
#include "rules/adaptive_limit.hpp"
#include "rules/breaker.hpp"

namespace halcyon::pipeline {

/// What the cache knows is not embedded; batches by count, bytes and age; identical texts under way are
/// embedded once; concurrency grows and shrinks with the service's answers; a refused batch is split until
/// the refused text stands alone, and a text that fails while others do not goes alone until it is given up.
/// A service that is away opens the breaker: texts wait. What failed waits until the service has done
/// something else; where nothing else is left, a text that every service takes is embedded for that. Thread
/// rule: the loop.
class EmbedStage {
  public:
    /// One text's way: `done` is called once, from the loop, unless it was abandoned.
    struct Job {
        std::string text;
        std::function<void(Result<EncodedVector>)> done;
        bool abandoned = false;
    };
    using JobPtr = std::shared_ptr<Job>;

    EmbedStage(async::TaskGroup& group, async::Executor executor, Embedder& embedder, async::Clock& clock,
               Random& random, const PipelineOptions& options, VectorCache* vectors = nullptr);

    void submit(JobPtr job);
    /// The service does not answer: what waits should become owed when memory gets short.
    bool paused() const { return !breaker_.allows(clock_.now()); }
    /// Paused, or with nothing but a probe under way.
    bool stuck() const { return breaker_.open(); }
    const std::string& paused_reason() const { return paused_reason_; }
    std::uint64_t requests() const { return requests_; }
    std::uint64_t texts() const { return texts_; }
    /// Texts whose vector was kept, and those that were asked for in vain.
    std::uint64_t hits() const { return hits_; }
    std::uint64_t misses() const { return misses_; }
    std::size_t waiting() const { return unasked_.size() + queue_.size() + held_back_.size(); }
    /// Where it is counted how long requests take; nothing: nowhere.
    StageTimes* times = nullptr;
    /// Called when the breaker opens or closes.
    std::function<void()> on_change;

    /// Until cancelled.
    Task<> run();

  private:
    struct Item {
        std::string text;
        Digest digest;
        std::vector<JobPtr> takers;
        Instant queued{};
        std::optional<Digest> key;  // in the cache; nothing: it is not kept
        OwnFailures failures;
    };
    using ItemPtr = std::shared_ptr<Item>;
    using Batch = std::vector<ItemPtr>;

    Task<> look_up();
    void enqueue(ItemPtr item);
    Task<> keep(std::vector<std::pair<Digest, EncodedVector>> vectors);
    Batch take_batch();
    bool full() const;
    Task<> send(Batch batch);
    void arm(Instant due);
    Task<> alarm(Instant due);
    void failed(Batch batch, const Error& error, Duration latency);
    void again(Batch batch, const Error& error);
    void requeue(Batch batch);
    bool start_one();
    bool may_go(const Batch& batch) const;
    bool start_test(Instant now);
    Task<> test();
    void lives();
    void away(const Error& error);
    void tell();
    void deliver(Item& item, Result<EncodedVector> outcome);

    Embedder& embedder_;
    async::Clock& clock_;
    Random& random_;
    const PipelineOptions& options_;
    async::TaskGroup& group_;
    async::Event wake_;
    rules::AdaptiveLimit limit_;
    rules::Breaker breaker_;
    std::string paused_reason_;
    VectorCache* vectors_;
    std::deque<ItemPtr> unasked_;  // not looked up in the cache yet
    std::deque<ItemPtr> queue_;
    std::deque<Batch> suspects_;     // sent as they are: halves of refused batches, and what may fail itself
    std::deque<ItemPtr> held_back_;  // failed, and the service has done nothing since
    std::unordered_map<Digest, std::weak_ptr<Item>> live_;
    std::size_t queued_bytes_ = 0;
    Instant not_before_{};  // Retry-After
    std::optional<Instant> armed_;
    ServiceProof proof_;
    bool testing_ = false;
    std::uint64_t requests_ = 0;
    std::uint64_t texts_ = 0;
    std::uint64_t hits_ = 0;
    std::uint64_t misses_ = 0;
    bool looking_up_ = false;
    unsigned keeping_ = 0;
};

}  // namespace halcyon::pipeline
