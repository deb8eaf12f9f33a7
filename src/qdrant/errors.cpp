#include "qdrant/errors.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <string_view>

#include "core/utf8.hpp"
#include "qdrant/write_protocol.hpp"

namespace halcyon::qdrant {

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Nothing where the body is not in Qdrant's form of an error.
std::optional<std::string> qdrant_error(const std::string& body) {
    simdjson::dom::parser parser;
    std::string_view text;
    if (parser.parse(body).at_key("status").at_key("error").get(text) != simdjson::SUCCESS || text.empty())
        return {};
    return std::string(text);
}

Error error(Verdict v, Cause c, std::string text) { return {v, c, std::move(text), {}}; }

Error away(Call call, std::string text) {
    return error(Verdict::retry, call == Call::write ? Cause::in_doubt : Cause::unavailable, std::move(text));
}

Error unanswered(Call call, const Error& failure) {
    const bool sent = failure.cause == Cause::in_doubt;
    if (sent && call == Call::read) return error(Verdict::retry, Cause::unavailable, failure.context);
    // The client calls a redirect a refusal; for us it is a service that is not where it was.
    if (failure.verdict == Verdict::reject && failure.cause == Cause::rejected)
        return error(Verdict::retry, Cause::unavailable, failure.context);
    return failure;
}

Error refused(const std::string& body) {
    const auto text = qdrant_error(body);
    // A proxy's own page says nothing about the document.
    if (!text)
        return error(Verdict::retry, Cause::unavailable,
                     fmt::format("refused, but not by Qdrant: \"{}\"", error_text(body)));
    if (has(*text, "is larger than allowed")) return error(Verdict::reject, Cause::too_large, *text);
    if (has(*text, "Vector dimension error")) return error(Verdict::reject, Cause::dimension_mismatch, *text);
    if (has(*text, "Limit exceeded")) return error(Verdict::retry, Cause::too_large, *text);
    if (has(*text, "limit of") && has(*text, "reached"))
        return error(Verdict::retry, Cause::disk_full, *text);
    return error(Verdict::reject, Cause::rejected, *text);
}

Error not_found(const std::string& body) {
    const auto text = qdrant_error(body);
    if (!text)
        return error(Verdict::retry, Cause::not_found,
                     "Qdrant has no such route: is the URL that of its REST API?");
    if (missing_point(*text)) return error(Verdict::resync, Cause::not_found, *text);
    return error(Verdict::retry, Cause::not_found, *text);
}

Result<> written(const std::string& body) {
    const auto statuses = parse_update(body);
    if (!statuses || statuses->empty())
        return fail(Verdict::retry, Cause::in_doubt,
                    fmt::format("a write was answered by \"{}\"", error_text(body)));
    for (const auto status : *statuses) {
        if (status == UpdateStatus::completed) continue;
        const auto* name = status == UpdateStatus::acknowledged   ? "acknowledged"
                           : status == UpdateStatus::wait_timeout ? "wait_timeout"
                                                                  : "something unknown";
        return fail(Verdict::retry, Cause::in_doubt,
                    fmt::format("a write was answered by {}: it is not applied yet", name));
    }
    return success();
}

}  // namespace

std::string error_text(const std::string& body) {
    if (auto text = qdrant_error(body)) return *text;
    return std::string(utf8::cut(body, 200));
}

Result<> judge(Call call, const Answer& a) {
    if (a.status == 0)
        return fail(
            unanswered(call, a.failure.value_or(error(Verdict::retry, Cause::in_doubt, "no answer"))));
    if (a.status == 200) return call == Call::write ? written(a.body) : success();
    const auto text = fmt::format("HTTP {}: {}", a.status, error_text(a.body));
    switch (a.status) {
        case 400:
        case 422:
            return fail(refused(a.body));
        case 401:
        case 403:
            return fail(Verdict::retry, Cause::unauthorized,
                        fmt::format("the API key is missing, wrong or has too few rights ({})", text));
        case 404:
            return fail(not_found(a.body));
        case 408:
            return fail(Verdict::retry, call == Call::write ? Cause::in_doubt : Cause::timeout, text);
        case 409:
            return fail(Verdict::retry, Cause::conflict, text);
        case 413:
            return fail(Verdict::reject, Cause::too_large, text);
        case 429:
            return fail(Error{Verdict::retry, Cause::rate_limited, text, a.retry_after});
        case 507:
            return fail(Verdict::retry, Cause::disk_full, text);
        default:
            break;
    }
    if (a.status >= 500) {
        auto e = away(call, text);
        e.retry_after = a.retry_after;
        return fail(std::move(e));
    }
    if (a.status >= 200 && a.status < 300) return fail(away(call, text));
    return fail(Verdict::retry, Cause::unavailable, text);
}

}  // namespace halcyon::qdrant
