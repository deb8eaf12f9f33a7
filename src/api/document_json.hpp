// What is stored of documents, as JSON: rows of lists and parts of stories.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/ports/state_store.hpp"
#include "core/story.hpp"

namespace boost::json {
class object;
class value;
}  // namespace boost::json

namespace halcyon::api {

/// null for none.
boost::json::value when(WallTime t);

boost::json::object stored_json(const ReceiptKey& key, const Stored& stored);

/// One page of GET /v1/documents.
std::string documents_json(const Page<Stored>& page);
/// One page of GET /v1/dead-letters.
std::string dead_letters_json(const Page<DeadLetter>& page);
/// The reply of GET /v1/explain.
std::string story_json(const Story& story);

/// Rows of a list in one reply.
inline constexpr std::size_t largest_page = 1000;

/// What GET /v1/documents and the command line take. Errors: reject/invalid; `field` names what is wrong.
struct DocumentQuery {
    std::string status;
    std::string collection;
    std::string ns;
};
Result<DocumentFilter> document_filter(const DocumentQuery& query, std::string* field);

/// At most `most` bytes of it, whole characters; what is cut ends in "...".
std::string bounded(std::string_view text, std::size_t most);

}  // namespace halcyon::api
