// The whole pipeline: stages wired together, started, watched and stopped.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/ports/control.hpp"
#include "pipeline/options.hpp"
#include "pipeline/ports.hpp"

namespace halcyon::pipeline {

class Orders;

/// Thread rule: the loop. The ports outlive it.
class Pipeline final : public StatusView, public DocumentControl, public FlowControl {
  public:
    Pipeline(async::Executor executor, Ports ports, PipelineOptions options);
    ~Pipeline() override;
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    /// Until `stop` (orderly: intake closed, drained under a deadline, everything committed) or an Error that
    /// an operator must act on. If the caller is cancelled, everything is cut off as a crash would.
    Task<Result<>> run();
    void stop();
    /// `run` has ended with nothing under way: the receipts are complete, and the state may be marked clean.
    bool drained() const;

    /// What jobs work through.
    Orders& orders();

    Overview overview() const override;
    Task<Story> explain(DocumentKey key) override;
    void watch(Tail tail) override;

    Task<Result<>> retry(std::vector<ReceiptKey> keys, RetryRequest how) override;
    void run_retries(const std::optional<CollectionName>& collection) override;
    Task<Result<>> drop_dead_letter(ReceiptKey key) override;

    void approve() override;
    std::size_t remove_orphans() override;
    Task<Result<std::vector<CollectionName>>> pause(std::optional<CollectionName> collection) override;
    Task<Result<std::vector<CollectionName>>> resume(std::optional<CollectionName> collection) override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace halcyon::pipeline
