// What went wrong, and what the caller should do next.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon {

/// The caller's next move. Being stopped is cancellation, not an Error.
enum class Verdict {
    retry,   // the other side is busy, away or slow: the same call may succeed later
    reject,  // this item is wrong and stays wrong: split it out, dead letter
    resync,  // the place we stood at is gone: go down the resume ladder, re-read, or rebuild
    fatal,   // an operator must act: stop, and say what to do
};

/// The kind of failure, stable across releases; operators see it as its name.
enum class Cause {
    unavailable,   // could not connect, connection refused, 503
    timeout,       // a deadline passed before the request was sent, or the call has no effect
    in_doubt,      // the request was sent and its fate is unknown (connection lost, deadline, wait_timeout)
    rate_limited,  // 429
    rejected,      // the other side refused this content
    too_large,     // over a size limit of the other side
    not_found,     // the thing that was named does not exist
    unauthorized,  // no, or not enough, rights
    dimension_mismatch,  // a vector of the wrong size
    history_lost,        // the change history no longer reaches back to our position
    invalid_position,    // the position is not understood by the server
    unsupported,         // version or deployment without a needed feature
    corrupted,           // stored bytes do not decode
    disk_full,           //
    conflict,            // somebody else holds it
    invalid,             // our own input (settings, documents) is wrong
    guard,               // a guard asked for an operator's decision
    internal,            // a bug on either side
};

std::string_view to_string(Verdict v);
std::string_view to_string(Cause c);

/// A failure as a value. `context` is a sentence for people; it never contains secrets.
struct Error {
    Verdict verdict = Verdict::fatal;
    Cause cause = Cause::internal;
    std::string context;
    /// How long the other side asked us to wait (Retry-After), if it did.
    std::optional<std::chrono::milliseconds> retry_after{};

    /// The same error with "where: " before its context.
    Error in(std::string_view where) const;
};

/// "unavailable: qdrant http://...: connection refused"
std::string describe(const Error& e);

}  // namespace halcyon
