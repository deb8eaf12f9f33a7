// Statuses as updates of the documents they belong to. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/ports/status_writer.hpp"
#include "mongo/errors.hpp"

namespace halcyon::mongo {

/// Empty: `name` can be one step of a field's path, in an update and for every reader. Else why it cannot.
std::string path_mistake(std::string_view name);

/// For verdicts: what is tried, and the right that it takes.
Attempt status_attempt(const Namespace& ns);
/// BSON `{_id: ..}`.
std::string status_selector(const StatusRow& row);
/// BSON `{$set: {..}, $unset: {..}}` of `field`.overallStatus and `field`.collections.NAME, and of nothing
/// else. REQUIRES: no path_mistake in `field` and the collections; one of these at least.
std::string status_update(const std::string& field, const StatusRow& row);

}  // namespace halcyon::mongo
