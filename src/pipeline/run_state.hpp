// What the stages of one run share.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "async/waiter.hpp"
#include "pipeline/committer.hpp"
#include "pipeline/decide/recent.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/namespaces.hpp"
#include "pipeline/options.hpp"
#include "pipeline/ports.hpp"
#include "pipeline/stats.hpp"

namespace halcyon::pipeline {

/// Thread rule: the loop.
struct RunState {
    RunState(async::Executor e, const Ports& p, const PipelineOptions& o)
        : executor(e),
          ports(p),
          options(o),
          readers(e),
          group(e),
          committer(e, p.store, p.clock, o.frontier_interval),
          changed(e) {
        committer.times = &times;
    }

    async::Executor executor;
    const Ports& ports;
    const PipelineOptions& options;
    async::TaskGroup readers;  // what brings work in: ends first
    async::TaskGroup group;    // what works it off
    Committer committer;
    DeadNamespaces dead;
    std::map<CollectionName, std::unique_ptr<Lane>> lanes;
    /// Routed namespaces and the collections they go to.
    std::map<Namespace, std::vector<Lane*>> edges;

    /// Who we are to other writers: the state's id (in a note, once it is stored).
    std::string writer;
    bool writer_stored = false;

    std::uint32_t epoch = 0;
    ClusterTime seen{};                 // the latest that the source has shown outside of the stream
    std::uint64_t scan_embeddings = 0;  // texts that scans had embedded in this run
    StreamStats stream;
    Recent recent;
    StageTimes times;
    /// The last stop was not orderly, and not all that was under way then has been replayed: receipts alone
    /// do not tell what the collections hold.
    bool replaying = false;
    bool stopping = false;

    /// A guard that waits for an operator: its name and the question. Nothing of what it holds goes on until
    /// `approved`.
    std::map<std::string, std::string> held;
    std::map<std::string, bool> approved;

    /// Ends the run with this Error: the state store failed, or an operator must act.
    void fail_with(Error e) {
        if (!error) error = std::move(e);
        changed.notify();
    }
    std::optional<Error> error;
    async::Event changed;  // an error, a stop, a collection that opened

    /// Asks an operator once; true when approved.
    bool allowed(const std::string& guard, const std::string& question);
};

/// A snapshot's progress that belongs to no route: what was scanned counts no more, and that is durable.
/// (Erasing the row would not do: a batch erases before it writes, and a scan that ends at the same time
/// writes.)
SnapshotProgress voided(const Namespace& ns, const CollectionName& collection);

/// The name of the note that holds the state's id as a writer.
inline constexpr std::string_view writer_note = "writer";

/// The name of the note that says "yes" while the receipts of a collection must be rebuilt.
std::string rebuilding_note(const CollectionName& collection);

/// The guard of what scans into a collection may have embedded.
std::string embeddings_guard(const CollectionName& collection);

/// 32 hexadecimal digits.
std::string random_id(Random& random);

/// Waits as backoff says after the n-th failure (from 1).
Task<> back_off(const RunState& run, unsigned attempt);

}  // namespace halcyon::pipeline
