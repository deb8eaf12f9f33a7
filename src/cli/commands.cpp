#include "cli/commands.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <functional>

#include "base/bytes.hpp"
#include "cli/question.hpp"
#include "cli/table.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

std::string letter_body(const LetterChoice& which) {
    if (which.all) return R"({"all":true})";
    return json::serialize(
        json::object{{"collection", which.collection}, {"namespace", which.ns}, {"id", which.id}});
}

Exit act(const Target& target, const LetterChoice& which, const char* what, const char* said) {
    const auto a = question(target, "POST", fmt::format("/v1/dead-letters/{}", what), letter_body(which));
    if (a.exit != Exit::done) return a.exit;
    if (target.json)
        fmt::print("{}\n", a.raw);
    else
        fmt::print("{} {}\n", grouped(number(a.body(), "letters")), said);
    return Exit::done;
}

/// Page by page, until there is none or one fails.
Exit each_page(const Target& target, const std::optional<std::string>& collection,
               const std::function<void(const Answer&)>& page) {
    std::string from;
    do {
        auto path = fmt::format("/v1/dead-letters?limit=1000{}{}",
                                collection ? "&collection=" + net::percent_encode(*collection) : "",
                                from.empty() ? "" : "&from=" + net::percent_encode(from));
        const auto a = question(target, "GET", path);
        if (a.exit != Exit::done) return a.exit;
        page(a);
        from = text(a.body(), "next");
    } while (!from.empty());
    return Exit::done;
}

Exit every_letter(const Target& target, const std::optional<std::string>& collection, json::array& all) {
    return each_page(target, collection, [&](const Answer& a) {
        for (const auto& row : rows(a.body(), "letters")) all.push_back(row);
    });
}

void print_history(const json::object& h) {
    const auto* left = h.if_contains("left_s");
    if (left && left->is_number())
        fmt::print("history: {} left{}\n", duration_text(left->to_number<std::int64_t>() * 1000),
                   flag(h, "low") ? ", which is too little: see docs/operating.md" : "");
    else
        fmt::print("history: unknown: {}\n", text(h, "unknown"));
}

}  // namespace

void print_status(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    if (flag(body, "stopped")) {
        fmt::print("stopped; this is what the state folder says\n");
    } else {
        const auto lag = body.if_contains("lag_ms");
        fmt::print("{}; {} events, lag {}, {} texts embedded in {} requests\n",
                   flag(body, "in_sync")     ? "in sync"
                   : flag(body, "streaming") ? "working"
                                             : "waiting: " + text(body, "trouble"),
                   grouped(number(body, "events")),
                   lag && lag->is_number() ? duration_text(lag->to_number<std::int64_t>()) : "unknown",
                   grouped(number(body, "embedded_texts")), grouped(number(body, "embedding_requests")));
        if (const auto* h = body.if_contains("history"); h && h->is_object()) print_history(h->as_object());
        if (const auto* cache = body.if_contains("vector_cache"); cache && cache->is_object())
            fmt::print("{} vectors were kept from before ({} asked for, {} on disk)\n",
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
        fmt::print("\n{}", routes.text());
    }
    Table collections({"COLLECTION", "DOCUMENTS", "SYNCED", "PENDING", "STALE", "FAILED", "IN FLIGHT",
                       "WAITING", "OWED", "DEAD LETTERS", "STATE"});
    for (const auto& c : rows(body, "collections")) {
        const auto& o = c.as_object();
        collections.add(
            {text(o, "name"), grouped(number(o, "documents")), grouped(number(o, "synced")),
             grouped(number(o, "pending")), grouped(number(o, "stale")), grouped(number(o, "failed")),
             grouped(number(o, "in_flight")), grouped(number(o, "waiting")), grouped(number(o, "owed")),
             grouped(number(o, "dead_letters")), flag(o, "paused") ? "paused: " + text(o, "reason") : "ok"});
    }
    fmt::print("\n{}", collections.text());
    for (const auto& c : rows(body, "changes")) fmt::print("\nsettings: {}\n", text(c.as_object(), "says"));
    for (const auto& h : rows(body, "held"))
        fmt::print("\nheld by {}: {}\n  `halcyon apply --yes` lets it go on\n", text(h.as_object(), "guard"),
                   text(h.as_object(), "question"));
}

void print_letters(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    Table table({"COLLECTION", "NAMESPACE", "ID", "LAST", "ATTEMPTS", "CODE", "REASON"});
    for (const auto& r : rows(body, "letters")) {
        const auto& o = r.as_object();
        table.add({text(o, "collection"), text(o, "namespace"), text(o, "id"), text(o, "last"),
                   text(o, "attempts"), text(o, "code"), text(o, "reason").substr(0, 100)});
    }
    if (rows(body, "letters").empty())
        fmt::print("no dead letters\n");
    else
        fmt::print("{}", table.text());
}

Exit status(const Target& target) {
    const auto a = question(target, "GET", "/v1/status");
    if (a.exit != Exit::done) return a.exit;
    if (target.json)
        fmt::print("{}\n", a.raw);
    else
        print_status(a.raw);
    return Exit::done;
}

Exit health(const Target& target) {
    const auto a = question(target, "GET", "/v1/health");
    if (a.exit == Exit::unreachable) {
        std::fprintf(stderr, "no sidecar answers on %s; start one with `halcyon run`\n",
                     target.socket.c_str());
        return a.exit;
    }
    if (a.raw.empty() || !a.body().contains("healthy")) return Exit::failed;
    if (target.json) {
        fmt::print("{}\n", a.raw);
    } else if (flag(a.body(), "healthy")) {
        fmt::print("healthy{}\n", flag(a.body(), "in_sync") ? ", in sync" : "");
    } else {
        for (const auto& r : rows(a.body(), "reasons")) fmt::print("{}\n", std::string(r.as_string()));
    }
    return flag(a.body(), "healthy") ? Exit::done : Exit::failed;
}

Exit apply_orphans(const Target& target, const json::object& status, bool yes) {
    std::size_t routes = 0;
    for (const auto& c : rows(status, "changes")) {
        if (text(c.as_object(), "kind") != "gone") continue;
        fmt::print("{}\n", text(c.as_object(), "says"));
        ++routes;
    }
    if (routes == 0) fmt::print("no route that is gone left anything\n");
    if (routes == 0) return Exit::done;
    if (!yes) return Exit::guard;
    const auto a = question(target, "POST", "/v1/apply", R"({"orphans":true})");
    if (a.exit == Exit::done)
        fmt::print("what {} of them left is being removed; `halcyon status` shows what is still there\n",
                   number(a.body(), "routes"));
    return a.exit;
}

Exit apply(const Target& target, bool orphans, bool yes) {
    auto a = question(target, "GET", "/v1/status");
    if (a.exit != Exit::done) return a.exit;
    if (orphans) return apply_orphans(target, a.body(), yes);
    const auto& held = rows(a.body(), "held");
    if (held.empty()) {
        fmt::print("no guard holds anything\n");
        return Exit::done;
    }
    for (const auto& h : held)
        fmt::print("{}: {}\n", text(h.as_object(), "guard"), text(h.as_object(), "question"));
    if (!yes) {
        fmt::print("`halcyon apply --yes` lets this go on\n");
        return Exit::guard;
    }
    a = question(target, "POST", "/v1/apply", "{}");
    if (a.exit == Exit::done) fmt::print("{} released\n", number(a.body(), "released"));
    return a.exit;
}

Exit list_letters(const Target& target, const std::optional<std::string>& collection) {
    json::array all;
    const auto exit = every_letter(target, collection, all);
    if (exit != Exit::done) return exit;
    const auto reply = json::serialize(json::object{{"letters", std::move(all)}});
    if (target.json)
        fmt::print("{}\n", reply);
    else
        print_letters(reply);
    return Exit::done;
}

void print_lines(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    for (const auto& row : rows(body, "letters")) fmt::print("{}\n", json::serialize(row));
}

Exit export_letters(const Target& target, const std::optional<std::string>& collection) {
    return each_page(target, collection, [](const Answer& a) { print_lines(a.raw); });
}

Exit show_letter(const Target& target, const LetterChoice& which) {
    json::array all;
    const auto exit = every_letter(target, which.collection, all);
    if (exit != Exit::done) return exit;
    for (const auto& r : all) {
        const auto& o = r.as_object();
        if (text(o, "namespace") != which.ns || text(o, "id") != which.id) continue;
        if (target.json) {
            fmt::print("{}\n", json::serialize(o));
            return Exit::done;
        }
        for (const auto& [name, value] : o) fmt::print("{:<11} {}\n", std::string(name), text(o, name));
        return Exit::done;
    }
    std::fprintf(stderr, "%s of %s has no dead letter in %s; `halcyon dead-letters list` shows all\n",
                 which.id.c_str(), which.ns.c_str(), which.collection.c_str());
    return Exit::unknown_id;
}

Exit retry_letters(const Target& target, const LetterChoice& which) {
    return act(target, which, "retry", "to be tried again");
}
Exit drop_letters(const Target& target, const LetterChoice& which) {
    return act(target, which, "drop", "dropped");
}

}  // namespace halcyon::cli
