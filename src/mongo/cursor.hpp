// A server cursor over documents, blocking.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/key.hpp"
#include "mongo/client.hpp"

namespace halcyon::mongo {

/// Reads `ns` with read concern majority (and, in a causal `session` with an operation time,
/// afterClusterTime). `each` gets every document and says whether to go on. Returns what failed.
std::optional<Failure> find(_mongoc_client_t* client, const Namespace& ns, const Bson& filter,
                            const Bson& options, _mongoc_client_session_t* session,
                            const std::function<bool(std::string_view)>& each);

/// The same for an aggregation, without a session: for hints and estimates.
std::optional<Failure> aggregate(_mongoc_client_t* client, const Namespace& ns, const Bson& pipeline,
                                 const Bson& options, const std::function<bool(std::string_view)>& each);

}  // namespace halcyon::mongo
