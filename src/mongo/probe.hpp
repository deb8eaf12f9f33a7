// What `halcyon check` wants to know of MongoDB before anything runs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/key.hpp"
#include "mongo/options.hpp"

namespace halcyon::mongo {

struct NamespaceProbe {
    Namespace ns;
    bool exists = false;
    std::uint64_t documents = 0;  // an estimate
    std::optional<Error> find;    // why it can't be read; nothing: it can
    /// Why no status can be written into its documents; nothing: it can, or none is to be.
    std::optional<Error> status{};
};

struct Probe {
    std::string version;         // "7.0.14"
    bool supported = false;      // 4.2 to 8
    std::string deployment;      // "rs0/..", "sharded/.."; empty: no replica set
    std::string watching;        // "watch database shop"
    std::optional<Error> watch;  // why it can't be watched; nothing: it can
    std::vector<NamespaceProbe> namespaces;
    std::optional<std::chrono::seconds> history;  // reach of the oplog; nothing: closed to this user
};

/// Asks, without changing anything: opens and closes one change stream, and with status_writeback sends each
/// namespace an update of a document that does not exist. Errors: MongoDB cannot be reached, or
/// refuses the user. Blocking (each call is bounded by the time-outs): for the pool. REQUIRES: a Driver
/// exists; at least one namespace.
Result<Probe> probe(const Options& options, const std::vector<Namespace>& namespaces);

}  // namespace halcyon::mongo
