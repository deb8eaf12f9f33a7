// Documents by their status, and what is done for single ones.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "cli/question.hpp"
#include "cli/table.hpp"
#include "cli/watch.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000;
constexpr std::size_t narrowest_error = 30;

std::string path_of(const DocumentChoice& which, const std::string& from, std::size_t limit) {
    auto path = fmt::format("/v1/documents?limit={}", limit);
    for (const auto& [name, value] :
         {std::pair("status", which.status), std::pair("collection", which.collection),
          std::pair("namespace", which.ns), std::pair("from", from)})
        if (!value.empty()) path += fmt::format("&{}={}", name, net::percent_encode(value));
    return path;
}

}  // namespace

std::string documents_text(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    const auto& all = rows(body, "documents");
    if (all.empty()) return "no such documents\n";
    // What is worth a column only where something went wrong.
    const bool trouble = std::any_of(all.begin(), all.end(), [](const json::value& r) {
        return text(r.as_object(), "status") != "synced";
    });
    const auto line = [&](const json::object& o) {
        std::vector<std::string> cells{text(o, "collection"), text(o, "namespace"), text(o, "id"),
                                       text(o, "status"), moment(o, "changed")};
        if (!trouble) {
            cells.push_back(text(o, "vector_version"));
            return cells;
        }
        const bool waits = number(o, "attempts") == 0;
        cells.push_back(waits ? "" : text(o, "attempts"));
        cells.push_back(flag(o, "dead_letter") ? "never" : moment(o, "next_attempt"));
        cells.push_back(text(o, "code"));
        return cells;
    };
    std::vector<std::string> heading{"COLLECTION", "NAMESPACE", "ID", "STATUS", "CHANGED (UTC)"};
    if (trouble)
        heading.insert(heading.end(), {"ATTEMPTS", "NEXT (UTC)", "CODE"});
    else
        heading.emplace_back("VECTOR");
    Table narrow(heading);
    for (const auto& r : all) narrow.add(line(r.as_object()));
    if (!trouble) return narrow.text();
    const auto used = narrow.text().find('\n') + 20;
    const auto room = std::max(narrowest_error, terminal_width() > used ? terminal_width() - used : 0);
    heading.emplace_back("WHY");
    Table table(heading);
    for (const auto& r : all) {
        auto cells = line(r.as_object());
        const auto error = text(r.as_object(), "error");
        cells.push_back(shortened(error.empty() ? text(r.as_object(), "waits_for") : error,
                                  std::min<std::size_t>(room, 200)));
        table.add(std::move(cells));
    }
    return table.text();
}

namespace {

/// As many pages as it takes, as one reply.
Answer listed(const Target& target, const DocumentChoice& which) {
    json::array all;
    auto from = which.from;
    Answer a;
    do {
        const auto left = which.limit == 0 ? largest_page : which.limit - all.size();
        a = quiet_question(target, "GET", path_of(which, from, std::min(left, largest_page)));
        if (a.exit != Exit::done) return a;
        for (const auto& row : rows(a.body(), "documents")) all.push_back(row);
        from = text(a.body(), "next");
    } while (!from.empty() && (which.limit == 0 || all.size() < which.limit));
    json::object out{{"documents", std::move(all)}};
    if (!from.empty()) out["next"] = from;
    a.raw = json::serialize(out);
    a.parsed = std::make_shared<const json::object>(std::move(out));
    return a;
}

json::object retry_body(const RetryChoice& which) {
    json::object body;
    if (which.failed || which.pending) {
        body["status"] = which.failed ? "failed" : "pending";
        if (!which.collection.empty()) body["collection"] = which.collection;
    } else {
        json::array documents;
        for (const auto& id : which.ids) {
            json::object row{{"namespace", which.ns}, {"id", id}};
            if (!which.collection.empty()) row["collection"] = which.collection;
            documents.emplace_back(std::move(row));
        }
        body["documents"] = std::move(documents);
    }
    if (which.force) body["force"] = true;
    if (which.reset) body["reset"] = true;
    return body;
}

}  // namespace

void say_that_there_are_more(const std::string& next) {
    fmt::print(stderr, "there are more: --limit 0 shows all, `--from {}` goes on\n", visible(next));
}

Exit documents(const Target& target, const DocumentChoice& which) {
    std::string next;
    const auto ask = [&] {
        auto a = listed(target, which);
        next = text(a.body(), "next");
        return a;
    };
    const auto exit = show(target, ask, documents_text);
    if (exit == Exit::done && !next.empty() && !target.json && !target.watch) say_that_there_are_more(next);
    return exit;
}

Exit retry_documents(const Target& target, const RetryChoice& which) {
    // Thousands of failed ones are some commits.
    const auto a = question(target, "POST", "/v1/documents/retry", json::serialize(retry_body(which)),
                            std::chrono::seconds(55));
    if (a.exit != Exit::done) return without_answer(target, a);
    if (target.json) {
        fmt::print("{}\n", a.raw);
        return Exit::done;
    }
    const auto n = number(a.body(), "retried");
    if (n == 0)
        fmt::print("nothing {}\n", which.pending ? "waits" : "has failed");
    else
        fmt::print(
            "{} {} read again and tried now; `halcyon documents --status failed` and `halcyon explain "
            "NAMESPACE ID` tell what comes of it\n",
            grouped(n), n == 1 ? "is" : "are");
    return Exit::done;
}

}  // namespace halcyon::cli
