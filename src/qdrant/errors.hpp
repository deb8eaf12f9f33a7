// From Qdrant's answer to the caller's next move. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace halcyon::qdrant {

/// `write`: changes points, so that an unknown fate is a doubt. `read`: everything that may simply be asked
/// again, also what creates and sets up (it is idempotent).
enum class Call { read, write };

/// What came back from one request.
struct Answer {
    unsigned status = 0;  // 0: no answer; then `failure` is set
    std::string body{};
    std::optional<std::chrono::milliseconds> retry_after{};
    std::optional<Error> failure{};  // the HTTP client's; its cause in_doubt means that bytes were sent
};

/// `status.error` of a refusal, or the beginning of a body that has none.
std::string error_text(const std::string& body);

/// Success means: a read was answered, a write is `completed` in all its parts (law 1).
///
///   {retry, unavailable | timeout}  nothing took effect; the service is away, slow or not Qdrant
///   {retry, in_doubt}               a write whose fate is unknown: lost connection, deadline, 408, 5xx,
///                                   `acknowledged`, and `wait_timeout`, which comes with HTTP 200
///   {retry, rate_limited}           429, with Retry-After
///   {retry, unauthorized}           401, 403
///   {retry, not_found}              the collection (or the route) does not exist
///   {retry, conflict}               409
///   {retry, disk_full}              507, or a storage limit of strict mode is reached
///   {retry, too_large}              strict mode's limits changed: read them again
///   {resync, not_found}             a point does not exist; those before it in a batch were written
///   {reject, too_large}             the body is over the server's limit
///   {reject, dimension_mismatch}    a vector of another size
///   {reject, rejected}              the content was refused
Result<> judge(Call call, const Answer& answer);

}  // namespace halcyon::qdrant
