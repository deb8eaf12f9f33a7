// The pipeline's knobs.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/ports/sink.hpp"
#include "render/route.hpp"
#include "rules/backoff.hpp"

namespace halcyon::pipeline {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// One of Qdrant's collections with the embedder that feeds it.
struct CollectionOptions {
    CollectionSpec spec;   // its dimension is filled in from the embedder
    std::string embedder;  // key into the pipeline's embedders
};

/// What becomes of a document that fails by itself. One that waits for a service is no failure.
struct RetryOptions {
    bool enabled = true;          // false: failed documents wait for an operator
    milliseconds interval{1000};  // between two cycles
    std::size_t batch = 100;      // documents that one cycle tries again, per collection
    std::uint32_t attempts = 5;   // then it becomes a dead letter
    rules::BackoffOptions backoff{.initial = seconds(5), .factor = 2, .cap = seconds(300), .jitter = 0.2};
};

/// When the tombstones of deleted documents go.
struct TombstoneOptions {
    milliseconds interval{600'000};  // between two looks
    seconds age{3600};               // how long one is kept behind what is settled
    std::uint64_t least = 1000;  // fewer are not worth a pass; nor is less than a twentieth of the receipts
};

struct PipelineOptions {
    SourceName source{"mongodb"};
    std::vector<render::RouteOptions> routes;
    std::vector<CollectionOptions> collections;

    bool snapshot = true;            // false: never scan; only changes from now on
    unsigned scan_parallelism = 4;   // ranges of one namespace that are read at the same time; 1 to 32
    std::size_t scan_window = 4096;  // scanned documents under way per range; bounds what a restart re-reads
    std::size_t ack_window =
        65536;  // events under way; at half of it the work of paused collections becomes owed

    std::size_t planned_bytes = 32 * MiB;  // rendered, embedded, not yet written; per collection
    std::size_t write_points = 256;        // points a request
    std::size_t write_bytes = 4 * MiB;     // bytes a request
    unsigned write_concurrency = 4;        // requests in flight per collection
    std::size_t window_chunks = 128;  // chunks of one long document that are embedded and written at a time

    milliseconds embed_timeout{60'000};
    milliseconds write_timeout{30'000};
    milliseconds read_timeout{30'000};
    milliseconds embed_wait{20};  // how long an incomplete embedding batch may wait for company
    milliseconds doubt_window{
        60'000};  // twice the longest time-out: until a write of unknown fate is read back
    milliseconds frontier_interval{1000};  // how often an idle position is made durable
    seconds history_interval{60};          // how often it is measured how long the position will last
    seconds history_warning{6 * 3600};     // below it somebody is told; 0: nobody
    /// What to do while another halcyon writes into a collection: wait until it is gone, or end the run.
    enum class OtherWriter { wait, refuse };
    OtherWriter on_other_writer = OtherWriter::wait;
    /// How long another's mark must stay unchanged until it counts as gone; ours changes thrice as often.
    milliseconds writer_lease{60'000};
    milliseconds drain_timeout{10'000};  // how long an orderly stop waits for what is under way

    std::uint64_t max_embeddings =
        100'000;  // texts that scans may embed before an operator is asked; 0: no bound
    double max_delete_share =
        0.05;  // of a namespace's receipts that a sweep may remove before an operator is asked
    bool remove_orphans = false;          // of routes that are gone; false: on request only
    std::uint64_t max_delete_free = 100;  // removals that never ask, however small the namespace
    RetryOptions retry;
    TombstoneOptions tombstones;
    std::uint64_t dead_letters = 10'000;         // per collection; with more it pauses
    std::size_t dead_letter_payload = 64 * KiB;  // how much of a document is kept in a dead letter
};

}  // namespace halcyon::pipeline
