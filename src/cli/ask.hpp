// Questions to a running sidecar, as HTTP.
#pragma once

#include <chrono>
#include <string>

#include "async/task.hpp"
#include "base/result.hpp"
#include "cli/access.hpp"
#include "net/client/http_client.hpp"
#include "net/http.hpp"

namespace halcyon::cli {

/// A client with the token in it. Errors: {fatal, invalid} for an address or ca_file that can't be used.
Result<net::HttpClient> client_for(async::Executor executor, const Access& access);
/// `body` is JSON; empty: none.
net::Request request_of(const std::string& method, const std::string& target, const std::string& body);

/// Sends one request and waits for the answer, no longer than `patience`. Blocking. Errors: those of
/// HttpClient.
Result<net::Reply> ask(const Access& access, const std::string& method, const std::string& target,
                       const std::string& body, std::chrono::seconds patience);

}  // namespace halcyon::cli
