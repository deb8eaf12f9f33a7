// Reads outside the stream, blocking: for the pool. Every function makes one or a few calls, each bounded by
// `time_limit` on the server and by the socket time-out.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "core/ports/document_reader.hpp"
#include "mongo/client.hpp"

namespace halcyon::mongo {

using TimeLimit = std::chrono::milliseconds;

Result<SourceIdentity> read_identity(Clients& clients, const std::vector<Namespace>& namespaces);
Result<std::uint64_t> read_estimate(Clients& clients, const Namespace& ns, TimeLimit time_limit);
Result<std::vector<IdRange>> read_split(Clients& clients, const Namespace& ns, unsigned parts,
                                        TimeLimit time_limit);
Result<LookupResult> read_documents(Clients& clients, const Namespace& ns, const std::vector<DocId>& ids,
                                    ClusterTime not_before, TimeLimit time_limit);
/// Of the oplog. Errors: unauthorized, unsupported (mongos shows none), retry.
Result<History> read_history(Clients& clients, TimeLimit time_limit);

/// At most `parts` ranges whose borders are even quantiles of a sorted sample of `_id`s. Pure.
std::vector<IdRange> ranges_of_sample(const std::vector<DocId>& sorted, unsigned parts);

/// The verdict of a failed read of `ns`.
Error read_error(const Failure& failure, const Namespace& ns);

}  // namespace halcyon::mongo
