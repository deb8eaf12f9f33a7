// One question to a running sidecar.
#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace halcyon::cli {

/// Sends one request over the Unix socket and waits for the answer, no longer than `patience`. Blocking.
/// Errors: {retry, unavailable} when nobody listens there.
Result<net::Reply> ask(const std::string& socket, const std::string& method, const std::string& target,
                       const std::string& body, std::chrono::seconds patience);

}  // namespace halcyon::cli
