#include "embed/errors.hpp"

#include <fmt/format.h>

#include "embed/reply.hpp"
#include "net/retry_after.hpp"

namespace halcyon::embed {
namespace {

struct Judged {
    Verdict verdict;
    Cause cause;
    std::string_view says;
};

Judged judge(unsigned status) {
    switch (status) {
        case 400:
        case 422:
            return {Verdict::reject, Cause::rejected, "the text was refused"};
        case 413:
            return {Verdict::reject, Cause::too_large, "the request was too large"};
        case 401:
        case 403:
            return {Verdict::retry, Cause::unauthorized,
                    "the API key was refused or is missing; set api_key"};
        case 404:
            return {Verdict::retry, Cause::not_found, "no such model, or the url is wrong"};
        case 408:
            return {Verdict::retry, Cause::timeout, "the service gave up waiting"};
        case 429:
            return {Verdict::retry, Cause::rate_limited,
                    "the service is asked too often, or a quota is used up"};
        default:
            break;
    }
    if (status == 424 || status >= 500) return {Verdict::retry, Cause::unavailable, "the service failed"};
    return {Verdict::retry, Cause::unsupported, "the service does not speak this protocol; see type and url"};
}

}  // namespace

Error verdict_of(const net::Reply& reply, WallTime now) {
    const auto judged = judge(reply.status);
    auto context = fmt::format("HTTP {}: {}", reply.status, judged.says);
    // What a service says about a key may hold parts of it.
    if (judged.cause != Cause::unauthorized && !reply.body.empty())
        context += fmt::format(" (\"{}\")", error_message(reply.body));
    Error error{judged.verdict, judged.cause, std::move(context), {}};
    if (reply.status == 429 || reply.status >= 500)
        if (const auto after = reply.headers.find("Retry-After"))
            error.retry_after = net::parse_retry_after(*after, now);
    return error;
}

Error without_effect(Error e, bool deadline_passed) {
    if (e.cause == Cause::in_doubt) e.cause = deadline_passed ? Cause::timeout : Cause::unavailable;
    if (e.verdict == Verdict::reject) {
        e.verdict = Verdict::retry;
        e.cause = Cause::unsupported;
    }
    return e;
}

}  // namespace halcyon::embed
