// A new connection to an origin.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/client/origin.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"

namespace halcyon::net {

/// Resolves, connects (one address after the other, `patience` for each) and shakes hands (`patience` again).
/// `tls` is needed for Kind::tls. Errors: {retry, unavailable}; {retry, timeout} if `until` passed.
/// REQUIRES: `origin` and `tls` live until it ends.
Task<Result<std::unique_ptr<Stream>>> connect(const Origin& origin, const TlsContext* tls, Duration patience,
                                              Instant until);

}  // namespace halcyon::net
