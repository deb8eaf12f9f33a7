// What a failed exchange means for the caller. Pure.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "net/client/exchange.hpp"

namespace halcyon::net {

/// `deadline_passed`: the connection was closed because of it.
/// REQUIRES: the exchange brought no reply.
Error verdict_of(const Exchange& failed, bool deadline_passed);

/// A kept-alive connection failed; may the request go out again on a new one? Yes if nothing of it was
/// written, or if it is safe (GET, HEAD) and nothing came back.
bool may_repeat(const Exchange& failed, std::string_view method);

/// A reply that a caller gets as an error: redirects (3xx).
std::optional<Error> refusal_of(const Reply& reply);

}  // namespace halcyon::net
