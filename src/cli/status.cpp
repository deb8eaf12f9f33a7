// What the sidecar does now, whether that is well, and what it asks.
#include "cli/status.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cli/question.hpp"
#include "cli/table.hpp"
#include "cli/watch.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

std::string history_line(const json::object& h) {
    const auto* left = h.if_contains("left_s");
    if (left && left->is_number())
        return fmt::format("history: {} left{}\n", duration_text(left->to_number<std::int64_t>() * 1000),
                           flag(h, "low") ? ", which is too little: see docs/operating.md" : "");
    return fmt::format("history: unknown: {}\n", text(h, "unknown"));
}

}  // namespace

std::string verdict_of(const json::object& status) {
    return flag(status, "stopping")    ? "stopping"
           : flag(status, "in_sync")   ? "in sync"
           : flag(status, "streaming") ? "working"
                                       : "waiting: " + text(status, "trouble");
}

std::string state_of(const json::object& collection) {
    if (flag(collection, "paused")) return "paused: " + text(collection, "reason");
    return flag(collection, "paused_by_operator") ? "paused by an operator" : "ok";
}

std::string status_text(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    std::string out;
    if (flag(body, "stopped")) {
        out += "stopped; this is what the state folder says\n";
    } else {
        const auto lag = body.if_contains("lag_ms");
        out +=
            fmt::format("{}; {} events, lag {}, {} texts embedded in {} requests\n", verdict_of(body),
                        grouped(number(body, "events")),
                        lag && lag->is_number() ? duration_text(lag->to_number<std::int64_t>()) : "unknown",
                        grouped(number(body, "embedded_texts")), grouped(number(body, "embedding_requests")));
        if (const auto* h = body.if_contains("history"); h && h->is_object())
            out += history_line(h->as_object());
        if (const auto* cache = body.if_contains("vector_cache"); cache && cache->is_object())
            out += fmt::format(
                "{} vectors were kept from before ({} asked for, {} on disk)\n",
                grouped(number(cache->as_object(), "hits")),
                grouped(number(cache->as_object(), "hits") + number(cache->as_object(), "misses")),
                format_bytes(number(cache->as_object(), "bytes")));
    }
    if (!rows(body, "routes").empty()) {
        Table routes({"ROUTE", "PHASE", "SCANNED", "OF ABOUT"});
        for (const auto& r : rows(body, "routes")) {
            const auto& o = r.as_object();
            routes.add({text(o, "from") + " -> " + text(o, "to"), text(o, "phase"),
                        grouped(number(o, "scanned")), grouped(number(o, "estimate"))});
        }
        out += fmt::format("\n{}", routes.text());
    }
    Table collections({"COLLECTION", "DOCUMENTS", "SYNCED", "PENDING", "STALE", "FAILED", "IN FLIGHT",
                       "WAITING", "OWED", "DEAD LETTERS", "STATE"});
    for (const auto& c : rows(body, "collections")) {
        const auto& o = c.as_object();
        collections.add({text(o, "name"), grouped(number(o, "documents")), grouped(number(o, "synced")),
                         grouped(number(o, "pending")), grouped(number(o, "stale")),
                         grouped(number(o, "failed")), grouped(number(o, "in_flight")),
                         grouped(number(o, "waiting")), grouped(number(o, "owed")),
                         grouped(number(o, "dead_letters")), state_of(o)});
    }
    out += fmt::format("\n{}", collections.text());
    for (const auto& c : rows(body, "changes"))
        out += fmt::format("\nsettings: {}\n", text(c.as_object(), "says"));
    for (const auto& h : rows(body, "held"))
        out += fmt::format("\nheld by {}: {}\n  `halcyon apply --yes` lets it go on\n",
                           text(h.as_object(), "guard"), text(h.as_object(), "question"));
    return out;
}

namespace {

/// What routes that are gone left behind, or what guards hold; nothing is done about it here.
json::array questions_of(const json::object& status, bool orphans) {
    if (!orphans) return rows(status, "held");
    json::array gone;
    for (const auto& c : rows(status, "changes"))
        if (text(c.as_object(), "kind") == "gone") gone.push_back(c);
    return gone;
}

std::string question_line(const json::object& q, bool orphans) {
    return orphans ? text(q, "says") : fmt::format("{}: {}", text(q, "guard"), text(q, "question"));
}

}  // namespace

Exit status(const Target& target) {
    return show(target, [&] { return quiet_question(target, "GET", "/v1/status"); }, status_text);
}

Exit health(const Target& target) {
    const auto a = question(target, "GET", "/v1/health");
    if (a.raw.empty() || !a.body().contains("healthy"))
        return a.exit == Exit::done ? Exit::failed : without_answer(target, a);
    if (target.json) {
        fmt::print("{}\n", a.raw);
    } else if (flag(a.body(), "healthy")) {
        fmt::print("healthy{}\n", flag(a.body(), "in_sync") ? ", in sync" : "");
    } else {
        for (const auto& r : rows(a.body(), "reasons"))
            fmt::print("{}\n", visible(std::string(r.as_string())));
    }
    return flag(a.body(), "healthy") ? Exit::done : Exit::failed;
}

Exit apply(const Target& target, bool orphans, bool yes) {
    const auto asked = question(target, "GET", "/v1/status");
    if (asked.exit != Exit::done) return without_answer(target, asked);
    auto questions = questions_of(asked.body(), orphans);
    const bool none = questions.empty();
    if (!target.json) {
        for (const auto& q : questions) fmt::print("{}\n", visible(question_line(q.as_object(), orphans)));
        if (none)
            fmt::print("{}\n", orphans ? "no route that is gone left anything" : "no guard holds anything");
        else if (!yes)
            fmt::print("`halcyon apply {}--yes` {}\n", orphans ? "--orphans " : "",
                       orphans ? "removes it" : "lets this go on");
    } else if (none || !yes) {
        fmt::print("{}\n",
                   json::serialize(json::object{{orphans ? "changes" : "held", std::move(questions)}}));
    }
    if (none || !yes) return none ? Exit::done : Exit::guard;
    const auto a = question(target, "POST", "/v1/apply", orphans ? R"({"orphans":true})" : "{}");
    if (a.exit != Exit::done) return without_answer(target, a);
    if (target.json)
        fmt::print("{}\n", a.raw);
    else if (orphans)
        fmt::print("what {} of them left is being removed; `halcyon status` shows what is still there\n",
                   number(a.body(), "routes"));
    else
        fmt::print("{} released\n", number(a.body(), "released"));
    return Exit::done;
}

}  // namespace halcyon::cli
