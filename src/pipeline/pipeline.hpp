// The whole pipeline: stages wired together, started, watched and stopped.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/decide/history.hpp"
#include "pipeline/decide/route_changes.hpp"
#include "pipeline/decide/story.hpp"
#include "pipeline/operators.hpp"
#include "pipeline/options.hpp"
#include "pipeline/ports.hpp"
#include "pipeline/stats.hpp"
#include "pipeline/status_writeback.hpp"

namespace halcyon::pipeline {

struct RouteStatus {
    std::string from;
    std::string to;
    std::string phase;  // waiting, scanning, sweeping, held, done
    std::uint64_t scanned = 0;
    std::uint64_t estimate = 0;
};

struct CollectionStatus {
    std::string name;
    bool paused = false;
    std::string reason;
    std::size_t in_flight = 0;
    std::size_t waiting = 0;
    std::uint64_t letters = 0;
    bool many_letters = false;  // four fifths of the bound or more
    CollectionStats stats;
};

/// A copy that observers may keep.
struct Status {
    bool streaming = false;
    std::string trouble;
    std::optional<std::chrono::milliseconds> lag;
    /// How long the source will keep what lies behind our position.
    HistoryLeft history{seconds(0)};
    std::uint64_t events = 0;
    std::uint64_t reopened = 0;
    std::uint64_t rescans = 0;
    std::size_t under_way = 0;
    std::uint64_t commits = 0;
    std::uint64_t embedded_texts = 0;
    std::uint64_t embedding_requests = 0;
    struct CachedVectors {
        std::uint64_t hits = 0;  // texts that were not embedded, since their vector was kept
        std::uint64_t misses = 0;
        std::uint64_t bytes = 0;
    };
    std::optional<CachedVectors> vector_cache;                 // nothing: there is none
    std::optional<StatusWriteback::Figures> status_writeback;  // nothing: it is off
    std::uint32_t epoch = 0;
    bool stopping = false;
    /// Every route was compared once, nothing is under way, nothing waits.
    bool in_sync = false;
    std::vector<RouteStatus> routes;
    std::vector<CollectionStatus> collections;
    std::vector<std::pair<std::string, std::string>> held;  // guard and question
    /// What the settings say otherwise than when the data was made; empty until that was found out.
    std::vector<RouteChange> changes;
};

/// Thread rule: the loop. The ports outlive it.
class Pipeline {
  public:
    Pipeline(async::Executor executor, Ports ports, PipelineOptions options);
    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    /// Until `stop` (orderly: intake closed, drained under a deadline, everything committed) or an Error that
    /// an operator must act on. If the caller is cancelled, everything is cut off as a crash would.
    Task<Result<>> run();
    void stop();
    /// `run` has ended with nothing under way: the receipts are complete, and the state may be marked clean.
    bool drained() const;

    Status status() const;
    /// Lets go on what guards hold.
    void approve();
    /// What routes that are gone left behind is removed; returns how many of them left something.
    std::size_t remove_orphans();
    /// The documents are read from the source and tried again now, whatever is stored of them; dead letters
    /// become owed work. All of them or none. Errors: reject/not_found (no route), fatal (the state store).
    Task<Result<>> retry(std::vector<ReceiptKey> keys, RetryRequest how);
    /// The next cycle of the retry worker begins now; nothing: of every collection.
    void run_retries(const std::optional<CollectionName>& collection);
    Task<Result<>> drop_dead_letter(ReceiptKey key);
    /// What the source, the state, Qdrant and the stages say about one document now.
    Task<DocumentFacts> explain(DocumentKey key);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace halcyon::pipeline
