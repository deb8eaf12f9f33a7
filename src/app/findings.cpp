#include "app/findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/table.hpp"

namespace halcyon::app {
namespace {

constexpr std::chrono::hours short_history{24};

std::string_view name_of(Level level) {
    switch (level) {
        case Level::ok:
            return "ok";
        case Level::note:
            return "note";
        case Level::problem:
            return "problem";
        case Level::unreachable:
            return "unreachable";
    }
    return "?";
}

Finding from(const Error& e, std::string subject, std::string todo) {
    const bool away = is_away(e);
    return {away ? Level::unreachable : Level::problem, std::move(subject), describe(e),
            away ? std::move(todo) : std::string()};
}

Finding judge_namespace(const mongo::NamespaceProbe& n) {
    const auto subject = "mongodb " + n.ns.text();
    if (n.find)
        return {Level::problem, subject, describe(*n.find),
                "give the user the role read on " + n.ns.database};
    if (!n.exists)
        return {Level::note, subject, "does not exist yet; nothing is kept until it does",
                "check the spelling in routes, if it should"};
    return {Level::ok, subject, fmt::format("about {} documents", cli::grouped(n.documents))};
}

Finding judge_statuses(const mongo::NamespaceProbe& n, const std::string& field) {
    const auto subject = fmt::format("mongodb {} statuses", n.ns.text());
    if (!n.status) return {Level::ok, subject, fmt::format("may be written into {}", field)};
    auto found = from(*n.status, subject, "is there a primary, and can it be reached?");
    if (found.level == Level::problem)
        found.todo = fmt::format(
            "give the user the role readWrite on {}, or a role of its own with the action update on {}; or "
            "turn mongodb.status_writeback off",
            n.ns.database, n.ns.text());
    return found;
}

Finding judge_history(const mongo::Probe& p) {
    const std::string subject = "mongodb history";
    if (!p.history)
        return {Level::note, subject, "the oplog may not be read by this user, so its length is unknown",
                "for the warning before history gets lost, give the role read on local"};
    const auto text = fmt::format("the oplog reaches back {}", duration_text(p.history->count() * 1000));
    if (*p.history < short_history)
        return {
            Level::note, subject, text,
            "a stop that lasts longer is followed by a comparison of everything: unless this server is new, "
            "make the oplog longer (replSetResizeOplog)"};
    return {Level::ok, subject, text};
}

}  // namespace

bool is_away(const Error& e) {
    return e.verdict == Verdict::retry && (e.cause == Cause::unavailable || e.cause == Cause::timeout ||
                                           e.cause == Cause::in_doubt || e.cause == Cause::rate_limited);
}

Findings judge_mongo(const std::string& hosts, const Result<mongo::Probe>& probe,
                     const std::string& status_field) {
    if (probe.has_error())
        return {from(probe.error(), "mongodb",
                     fmt::format("is MongoDB running at {}, and may this machine connect?", hosts))};
    const auto& p = probe.value();
    Findings out;
    if (p.supported)
        out.push_back({Level::ok, "mongodb", fmt::format("version {} at {}", p.version, hosts)});
    else
        out.push_back({Level::problem, "mongodb", fmt::format("version {} is not supported", p.version),
                       "halcyon works with MongoDB 4.2 to 8"});
    if (p.deployment.empty())
        out.push_back(
            {Level::problem, "mongodb replica set", "this server is no member of a replica set",
             "change streams need one: start it with `mongod --replSet rs0`, then run rs.initiate() "
             "once in mongosh"});
    else if (p.watch)
        out.push_back({Level::problem, "mongodb changes", describe(*p.watch),
                       "give the user the role read on the databases of the routes"});
    else
        out.push_back({Level::ok, "mongodb changes", fmt::format("may {} ({})", p.watching, p.deployment)});
    for (const auto& n : p.namespaces) out.push_back(judge_namespace(n));
    if (!status_field.empty())
        for (const auto& n : p.namespaces) out.push_back(judge_statuses(n, status_field));
    if (!p.deployment.empty()) out.push_back(judge_history(p));
    return out;
}

Finding judge_server(const std::string& url, const Result<qdrant::ServerInspection>& server) {
    const std::string subject = "qdrant";
    if (server.has_error())
        return from(server.error(), subject, fmt::format("is Qdrant running at {}?", url));
    const auto& s = server.value();
    if (s.version.empty())
        return {Level::note, subject, fmt::format("{} does not say its version", url),
                "halcyon works with Qdrant 1.17 to 1.19"};
    if (!s.supported)
        return {Level::problem, subject, fmt::format("version {} is not supported", s.version),
                "halcyon works with Qdrant 1.17 to 1.19"};
    if (!s.tried)
        return {Level::note, subject, fmt::format("version {} at {} was not tried", s.version, url),
                "halcyon works with Qdrant 1.17 to 1.19"};
    return {Level::ok, subject, fmt::format("version {} at {}", s.version, url)};
}

Finding judge_collection(const CollectionSpec& spec, const Result<qdrant::CollectionInspection>& found) {
    const auto subject = "qdrant " + spec.name.value();
    if (found.has_error()) return from(found.error(), subject, "is Qdrant running, and ready?");
    const auto& c = found.value();
    if (c.wrong) return {Level::problem, subject, describe(*c.wrong), "see docs/qdrant.md"};
    if (!c.exists)
        return {Level::ok, subject,
                fmt::format("is not there; run makes it ({}, alias {})", c.physical, spec.name.value())};
    auto text = fmt::format("{} points in {}", cli::grouped(c.points), c.physical);
    if (!c.aliased) text += fmt::format("; run makes the alias {}", spec.name.value());
    if (!c.missing_indexes.empty())
        text += fmt::format("; run makes the indexes {}", fmt::join(c.missing_indexes, ", "));
    if (!c.strict.empty()) text += fmt::format("; strict mode: {}", fmt::join(c.strict, ", "));
    return {Level::ok, subject, std::move(text)};
}

Finding judge_embedder(const std::string& name, const EmbedderAnswer& answer) {
    const auto subject = "embedder " + name;
    const auto todo = "is the embedding service running, and is its url right?";
    if (answer.dimension.has_error()) return from(answer.dimension.error(), subject, todo);
    if (answer.embed) return from(*answer.embed, subject, todo);
    return {Level::ok, subject,
            fmt::format("{}: {} dimensions, {} for one text", answer.identity, answer.dimension.value(),
                        duration_text(answer.for_text.count()))};
}

cli::Exit exit_of(const Findings& findings) {
    const auto any = [&](Level level) {
        return std::any_of(findings.begin(), findings.end(), [&](const auto& f) { return f.level == level; });
    };
    if (any(Level::unreachable)) return cli::Exit::unreachable;
    return any(Level::problem) ? cli::Exit::failed : cli::Exit::done;
}

std::string text_of(const Findings& findings) {
    std::size_t width = 0;
    for (const auto& f : findings) width = std::max(width, f.subject.size());
    std::string out;
    for (const auto& f : findings) {
        out += fmt::format("{:<11}  {:<{}}  {}\n", name_of(f.level), f.subject, width, f.text);
        if (!f.todo.empty()) out += fmt::format("{:<13}{:<{}}  -> {}\n", "", "", width, f.todo);
    }
    return out;
}

std::string json_of(const Findings& findings) {
    namespace json = boost::json;
    json::array rows;
    for (const auto& f : findings)
        rows.push_back(json::object{
            {"level", name_of(f.level)}, {"subject", f.subject}, {"text", f.text}, {"todo", f.todo}});
    return json::serialize(
        json::object{{"ok", exit_of(findings) == cli::Exit::done}, {"findings", std::move(rows)}});
}

}  // namespace halcyon::app
