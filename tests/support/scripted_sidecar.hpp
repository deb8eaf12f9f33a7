// A sidecar without a pipeline: the ports behind the routes, with answers that a test writes and acts that it
// reads. Thread rule: one thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/sidecar.hpp"
#include "base/random.hpp"
#include "support/memory_store.hpp"

namespace halcyon::test {

/// Stands where it was put.
class StoppedClock final : public async::Clock {
  public:
    Instant at{};
    WallTime wall_at{1'764'291'600'000};  // 2025-11-28T01:00:00Z
    Instant now() const override { return at; }
    WallTime wall() const override { return wall_at; }
    Task<> sleep_until(Instant until) override {
        at = std::max(at, until);
        co_return;
    }
};

class ScriptedPorts final : public StatusView, public DocumentControl, public FlowControl, public JobControl {
  public:
    Overview shown;
    mutable unsigned looks = 0;  // at the overview
    Tail tail;                   // nothing: nobody listens
    Story story;
    std::vector<Job> all_jobs;
    /// Of every act from now on.
    std::optional<Error> error;
    struct Retried {
        std::vector<ReceiptKey> keys;
        RetryRequest how;
    };
    std::vector<Retried> retried;
    std::vector<std::optional<CollectionName>> runs;
    std::vector<ReceiptKey> dropped;
    std::vector<std::string> acts;  // "pause products", "resume", "approve", "cancel JOB"
    std::vector<BackfillRequest> started;

    Overview overview() const override {
        ++looks;
        return shown;
    }
    Task<Story> explain(DocumentKey key) override {
        auto out = story;
        out.key = std::move(key);
        co_return out;
    }
    void watch(Tail t) override { tail = std::move(t); }

    Task<Result<>> retry(std::vector<ReceiptKey> keys, RetryRequest how) override {
        if (error) co_return fail(*error);
        retried.push_back({std::move(keys), how});
        co_return success();
    }
    void run_retries(const std::optional<CollectionName>& collection) override { runs.push_back(collection); }
    Task<Result<>> drop_dead_letter(ReceiptKey key) override {
        if (error) co_return fail(*error);
        dropped.push_back(std::move(key));
        co_return success();
    }

    void approve() override { acts.emplace_back("approve"); }
    std::size_t remove_orphans() override {
        acts.emplace_back("remove orphans");
        return 2;
    }
    Task<Result<std::vector<CollectionName>>> pause(std::optional<CollectionName> collection) override {
        return halt("pause", std::move(collection));
    }
    Task<Result<std::vector<CollectionName>>> resume(std::optional<CollectionName> collection) override {
        return halt("resume", std::move(collection));
    }

    std::vector<Job> jobs() const override { return all_jobs; }
    Task<Result<Job>> start(BackfillRequest request) override {
        if (error) co_return fail(*error);
        started.push_back(request);
        Job job;
        job.id = "20251128-010000-0002";
        job.request = std::move(request);
        job.created = job.started = job.updated = {1'764'291'600'000};
        job.routes.push_back({{"shop", "products"}, CollectionName("products"), "running", 0, 100});
        co_return job;
    }
    Task<Result<Job>> act(std::string id, Act what) override {
        constexpr const char* names[]{"pause", "resume", "cancel"};
        if (error) co_return fail(*error);
        for (const auto& job : all_jobs)
            if (job.id == id) {
                acts.push_back(std::string(names[static_cast<std::size_t>(what)]) + " " + id);
                co_return job;
            }
        co_return fail(Verdict::reject, Cause::not_found, id);
    }

  private:
    Task<Result<std::vector<CollectionName>>> halt(std::string what,
                                                   std::optional<CollectionName> collection) {
        if (error) co_return fail(*error);
        std::vector<CollectionName> names;
        for (const auto& c : shown.collections)
            if (!collection || collection->value() == c.name) names.emplace_back(c.name);
        if (names.empty()) co_return fail(Verdict::reject, Cause::not_found, "no route leads there");
        acts.push_back(collection ? what + " " + collection->value() : what);
        co_return names;
    }
};

/// Two namespaces and two collections: shop.products leads to products and archive, shop.articles to
/// products.
class ScriptedSidecar {
  public:
    explicit ScriptedSidecar(admin::ReadinessBounds bounds = {})
        : sidecar(ports, ports, ports, ports, store, clock, bounds,
                  {.version = "1.2.3",
                   .memory_limit = 256,
                   .resident = [] { return std::uint64_t{128}; },
                   .settings = R"({"file":"halcyon.yaml","settings":[]})"}) {
        auto& o = ports.shown;
        o.streaming = o.in_sync = o.retries_enabled = true;
        o.lag = std::chrono::milliseconds(12);
        o.history.left = std::chrono::seconds(7200);
        o.history.warning = std::chrono::seconds(3600);
        o.position_moved = clock.wall();
        o.routes = {{"shop.products", "products", "done", 100, 100},
                    {"shop.products", "archive", "done", 100, 100},
                    {"shop.articles", "products", "done", 20, 20}};
        for (const char* name : {"archive", "products"}) {
            o.collections.emplace_back();
            o.collections.back().name = name;
            o.collections.back().embedder = "default";
        }
        ports.all_jobs.emplace_back();
        ports.all_jobs.back().id = "20251128-010000-0001";
    }

    StoppedClock clock;
    SeededRandom random{1};
    testing::MemoryStore store{clock, random, {.commit = {}, .read = {}}};
    ScriptedPorts ports;
    admin::Sidecar sidecar;
};

}  // namespace halcyon::test
