// What earlier systems' clients read: counts, and `syncMetadata` of documents.
#pragma once

#include <string_view>
#include <vector>

#include "core/overview.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/status_writer.hpp"

namespace boost::json {
class object;
}

namespace halcyon::api {

/// The reply of GET /api/sync/status.
boost::json::object sync_status_json(const Overview& overview, const std::vector<CollectionCounts>& counts);
/// {"id","namespace","syncMetadata":{"overallStatus","collections":{name:{..}}}}
boost::json::object sync_document_json(const StatusRow& row);

}  // namespace halcyon::api
