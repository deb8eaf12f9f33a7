#include "net/client/verdict.hpp"

#include <fmt/format.h>

namespace halcyon::net {

Error verdict_of(const Exchange& failed, bool deadline_passed) {
    if (failed.written == 0) {
        if (deadline_passed)
            return {Verdict::retry, Cause::timeout, "the deadline passed before sending", {}};
        return {Verdict::retry, Cause::unavailable, fmt::format("sending: {}", failed.write_trouble), {}};
    }
    if (deadline_passed)
        return {Verdict::retry,
                Cause::in_doubt,
                failed.whole ? "the deadline passed while waiting for the reply"
                             : "the deadline passed while sending",
                {}};
    if (!failed.whole && failed.read.received == 0)
        return {
            Verdict::retry, Cause::in_doubt, fmt::format("lost while sending: {}", failed.write_trouble), {}};
    return {Verdict::retry, Cause::in_doubt, failed.read.trouble, {}};
}

bool may_repeat(const Exchange& failed, std::string_view method) {
    if (failed.written == 0) return true;
    return failed.read.received == 0 && (method == "GET" || method == "HEAD");
}

std::optional<Error> refusal_of(const Reply& reply) {
    if (reply.status < 300 || reply.status > 399) return std::nullopt;
    const auto location = reply.headers.find("Location");
    return Error{Verdict::reject,
                 Cause::rejected,
                 fmt::format("redirected (HTTP {}) to {}: redirects are not followed, set the right URL",
                             reply.status, location ? location->substr(0, 200) : "nowhere"),
                 {}};
}

}  // namespace halcyon::net
