// One question to a running sidecar.
#pragma once

#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace halcyon::cli {

/// Sends one request over the Unix socket and waits for the answer, ten seconds at most. Blocking.
/// Errors: {retry, unavailable} when nobody listens there.
Result<net::Reply> ask(const std::string& socket, const std::string& method, const std::string& target,
                       const std::string& body = {});

}  // namespace halcyon::cli
