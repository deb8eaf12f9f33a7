// What an embedding service's answer means for the caller. Pure.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/http.hpp"

namespace halcyon::embed {

/// REQUIRES: the reply's status is not 200. Texts are blamed (reject) for 400, 413 and 422 only; whatever an
/// operator can mend (401, 403, 404, a wrong URL) is waited for, so that a sidecar goes on by itself
/// afterwards. 429 and 5xx carry Retry-After if there was one.
Error verdict_of(const net::Reply& reply, WallTime now);

/// The HTTP client's error, knowing that embedding a text has no effect: nothing is ever in doubt, and a
/// redirect is no fault of the text.
Error without_effect(Error e, bool deadline_passed);

}  // namespace halcyon::embed
