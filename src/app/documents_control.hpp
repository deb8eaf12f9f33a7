// How operators ask for single documents and have them tried again, over the control socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ports/state_store.hpp"
#include "net/server/router.hpp"
#include "pipeline/pipeline.hpp"

namespace halcyon::app {

/// GET /v1/documents[?status=&collection=&namespace=&limit=&from=],
/// POST /v1/documents/retry {"documents":[{"collection"?,"namespace","id"}]} or
/// {"status":"failed","collection"?}, with "force"? and "reset"?,
/// POST /v1/worker/run {"collection"?}, GET /v1/explain?namespace=&id=. REQUIRES: both outlive the server.
/// Thread rule: the loop.
void add_document_routes(net::Router& router, pipeline::Pipeline& pipeline, StateReader& state);

/// One page of GET /v1/documents.
std::string documents_json(const Page<Stored>& page);

/// What GET /v1/documents and the command line take. Errors: reject/invalid; `field` names what is wrong.
struct DocumentQuery {
    std::string status;
    std::string collection;
    std::string ns;
};
Result<DocumentFilter> document_filter(const DocumentQuery& query, std::string* field);

inline constexpr std::size_t largest_page = 1000;  // rows of a list in one reply
/// `limit` of a list: 100 unless it is there; nothing: it is no number of the range.
std::optional<std::size_t> page_limit(const net::ServerRequest& request);
net::ServerReply wrong_limit();
/// The problem that an Error is to a caller.
net::ServerReply answer(const Error& e);

}  // namespace halcyon::app
