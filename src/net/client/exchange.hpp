// One request and its reply on one connection.
#pragma once

#include <string>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/message.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

/// How far an exchange came; verdict.hpp says what that means.
struct Exchange {
    std::size_t written = 0;  // bytes of the request that were handed to the system
    bool whole = false;       // the request was written to its end
    ReplyRead read{};
    std::string write_trouble{};
};

/// The request's head as it goes over the wire. Errors: {reject, invalid} for what can't be written.
Result<std::string> encode_head(const Request& request, std::string_view base, std::string_view authority,
                                const std::vector<Header>& always);

/// Writes and reads. When writing fails half way, it still looks for a reply: a server may refuse a large
/// body before it has read it. REQUIRES: the arguments live until it ends.
Task<Exchange> exchange(Stream& stream, const std::string& head, const Request& request,
                        MessageLimits limits);

}  // namespace halcyon::net
