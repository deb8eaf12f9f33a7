// What is known of one document, as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.hpp"
#include "pipeline/decide/route_changes.hpp"
#include "pipeline/decide/story.hpp"

namespace boost::json {
class array;
class object;
}  // namespace boost::json

namespace halcyon::app {

boost::json::object stored_json(const ReceiptKey& key, const Stored& stored);

/// The reply of GET /v1/explain.
std::string explain_json(const pipeline::DocumentFacts& document);

boost::json::array changes_json(const std::vector<pipeline::RouteChange>& changes);

/// At most `most` bytes of it, whole characters; what is cut ends in "...".
std::string bounded(std::string_view text, std::size_t most);

}  // namespace halcyon::app
