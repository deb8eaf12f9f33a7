#include "cli/question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "cli/ask.hpp"
#include "cli/table.hpp"
#include "net/client/origin.hpp"

namespace halcyon::cli {

namespace json = boost::json;

std::string text(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    if (!v || v->is_null()) return "";
    return v->is_string() ? std::string(v->as_string()) : json::serialize(*v);
}

std::uint64_t number(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    if (!v || !v->is_number()) return 0;
    boost::system::error_code not_whole;
    const auto n = v->to_number<std::uint64_t>(not_whole);
    return not_whole ? 0 : n;
}

bool flag(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_bool() && v->as_bool();
}

const json::array& rows(const json::object& o, std::string_view name) {
    static const json::array none;
    const auto* v = o.if_contains(name);
    return v && v->is_array() ? v->as_array() : none;
}

const json::object* object(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_object() ? &v->as_object() : nullptr;
}

std::optional<double> real(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_number() ? std::optional(v->to_number<double>()) : std::nullopt;
}

std::string moment(const json::object& o, std::string_view name, std::size_t length) {
    auto out = text(o, name).substr(0, length);
    std::replace(out.begin(), out.end(), 'T', ' ');
    return out;
}

namespace {

std::string name_of(const Access& access) {
    const auto origin = net::parse_origin(access.url);
    if (!origin) return access.url;
    return access.local() ? origin.value().host : origin.value().text();
}

/// No whole reply came.
void unanswered(Answer& a, const Access& access, std::string_view method, const Error& e) {
    a.exit = Exit::unreachable;
    if (e.verdict == Verdict::fatal || e.verdict == Verdict::reject) {
        a.exit = e.verdict == Verdict::fatal ? Exit::usage : Exit::failed;
        a.said = e.context;
        return;
    }
    if (e.cause == Cause::unavailable && access.local()) {
        a.nobody = true;
        a.said = fmt::format("no sidecar answers on {}; start one with `halcyon run`", name_of(access));
        return;
    }
    a.said = "no answer from " + e.context;
    if (e.context.find("certificate") != std::string::npos)
        a.said += "; --ca-file FILE names the authority that signed its certificate";
    if (e.cause == Cause::in_doubt && method != "GET")
        a.said += "; it may have been done all the same: look before you repeat it";
}

std::string problem_text(const json::object& problem) {
    const auto title = text(problem, "title"), detail = text(problem, "detail");
    return title + (title.empty() || detail.empty() ? "" : ": ") + detail;
}

std::string next_step(const Access& access, unsigned status) {
    if (status == 401)
        return access.token.empty() ? "; a token is needed: --token-file FILE or HALCYON_TOKEN_FILE"
                                    : "; another token is needed: --token-file FILE or HALCYON_TOKEN_FILE";
    if (status == 403)
        return "; a token with the role operator is needed: --token-file FILE or HALCYON_TOKEN_FILE";
    return {};
}

Exit exit_of(unsigned status) {
    if (status < 400) return Exit::done;
    return status == 404 ? Exit::unknown_id : status == 400 ? Exit::usage : Exit::failed;
}

}  // namespace

Answer answer_of(const Access& access, std::string_view method, const Result<net::Reply>& reply) {
    Answer a;
    a.parsed = std::make_shared<const json::object>();
    if (reply.has_error()) {
        unanswered(a, access, method, reply.error());
        return a;
    }
    const auto status = reply.value().status;
    a.raw = reply.value().body;
    a.location = reply.value().headers.find("Location").value_or("");
    a.exit = exit_of(status);
    boost::system::error_code ec;
    auto parsed = json::parse(a.raw, ec);
    if (ec || !parsed.is_object()) {
        a.exit = Exit::failed;
        a.said = fmt::format("HTTP {} from {} is not understood: is it a halcyon, and of this version?{}",
                             status, name_of(access), next_step(access, status));
        return a;
    }
    a.parsed = std::make_shared<const json::object>(std::move(parsed.as_object()));
    // 503 is also how a probe says no, with a body of its own.
    if (status >= 400 && !(status == 503 && !a.body().contains("title")))
        a.said = problem_text(a.body()) + next_step(access, status);
    return a;
}

Answer quiet_question(const Target& target, const std::string& method, const std::string& path,
                      const std::string& body, std::chrono::seconds patience) {
    return answer_of(target.access, method, ask(target.access, method, path, body, patience));
}

Answer question(const Target& target, const std::string& method, const std::string& path,
                const std::string& body, std::chrono::seconds patience) {
    auto a = quiet_question(target, method, path, body, patience);
    if (!a.nobody && !a.said.empty()) fmt::print(stderr, "{}\n", visible(a.said));
    return a;
}

Exit without_answer(const Target& target, const Answer& a) {
    if (!a.nobody) return a.exit;
    if (target.stored) return target.stored();
    fmt::print(stderr, "{}\n", a.said);
    return a.exit;
}

void print_reply(bool json, const std::string& raw, std::string (*shown)(const std::string&)) {
    if (json)
        fmt::print("{}\n", raw);
    else
        fmt::print("{}", visible_lines(shown(raw)));
}

}  // namespace halcyon::cli
