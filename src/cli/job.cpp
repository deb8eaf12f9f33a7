#include "cli/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/time.hpp"
#include "cli/question.hpp"
#include "cli/table.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t bar_width = 20;
constexpr std::size_t narrowest_bar = 60;  // a narrower line has none

bool ended(const json::object& job) { return end_of_job(job, true).has_value(); }

std::string left_of(const json::object& job) {
    if (ended(job)) return {};
    const auto left = real(job, "left_s");
    return left ? duration_text(static_cast<std::int64_t>(*left * 1000)) : "";
}

std::string rate_of(const json::object& job) {
    if (ended(job)) return {};
    const auto rate = real(job, "rate");
    return rate && *rate > 0 ? fmt::format("{}/s", grouped(static_cast<std::uint64_t>(*rate + 0.5))) : "";
}

std::string scanned_of(const json::object& job) {
    const auto estimate = number(job, "estimate");
    const auto scanned = grouped(number(job, "scanned"));
    return estimate == 0 ? scanned : fmt::format("{} of {}", scanned, grouped(estimate));
}

bool held_by_guard(const json::object& job) { return text(job, "waits_for").starts_with("a guard"); }

/// Those members that are there, in this order.
template <std::size_t N>
std::string counts(const json::object& o, const std::array<std::pair<const char*, const char*>, N>& names) {
    std::string out;
    for (const auto& [name, said] : names)
        if (o.contains(name))
            out += fmt::format("{}{} {}", out.empty() ? "" : ", ", grouped(number(o, name)), said);
    return out;
}

std::string result_text(const json::object& result) {
    constexpr std::array names{std::pair("embedded", "embedded"), std::pair("written", "written"),
                               std::pair("unchanged", "unchanged"), std::pair("removed", "removed")};
    return counts(result, names);
}

std::string cost_text(const json::object& cost) {
    constexpr std::array names{std::pair("documents", "documents"),       std::pair("unchanged", "unchanged"),
                               std::pair("payload_only", "payload only"), std::pair("embed", "to embed"),
                               std::pair("remove", "to remove"),          std::pair("texts", "texts"),
                               std::pair("characters", "characters"),     std::pair("tokens", "tokens"),
                               std::pair("requests", "requests")};
    return counts(cost, names);
}

std::string type_of(const json::object& job) {
    return text(job, "type") + (flag(job, "dry_run") ? ", dry run" : "");
}

std::string hints(const json::object& job) {
    const auto state = text(job, "state"), id = text(job, "id");
    if (held_by_guard(job)) return "`halcyon apply --yes` lets it go on\n";
    if (state == "paused") return fmt::format("`halcyon jobs resume {}` lets it go on\n", id);
    return {};
}

}  // namespace

std::string scope_of(const json::object& job) {
    const auto collection = text(job, "collection"), ns = text(job, "namespace");
    if (collection.empty()) return ns.empty() ? "everything" : ns;
    return ns.empty() ? collection : fmt::format("{} from {}", collection, ns);
}

std::string share_of(const json::object& job) {
    const auto share = real(job, "share");
    return share ? fmt::format("{}%", static_cast<int>(std::clamp(*share, 0.0, 1.0) * 100)) : "";
}

std::optional<Exit> end_of_job(const json::object& job, bool watched) {
    const auto state = text(job, "state");
    if (state == "done") return Exit::done;
    if (state == "failed" || state == "cancelled") return Exit::failed;
    if (held_by_guard(job) && !watched) return Exit::guard;
    return std::nullopt;
}

std::string progress_of(const json::object& job) {
    std::string out;
    const auto add = [&out](const std::string& part) {
        if (!part.empty()) out += (out.empty() ? "" : "  ") + part;
    };
    add(share_of(job));
    add(scanned_of(job));
    const auto waits = text(job, "waits_for");
    if (text(job, "state") == "paused") {
        add(fmt::format("paused; `halcyon jobs resume {}`", text(job, "id")));
    } else if (!waits.empty()) {
        add("waits: " + waits + (held_by_guard(job) ? "; `halcyon apply --yes`" : ""));
    } else {
        add(rate_of(job));
        if (const auto left = left_of(job); !left.empty()) add(left + " left");
    }
    return out;
}

std::string progress_line(const json::object& job, std::size_t width) {
    const auto share = real(job, "share");
    const bool drawn = share && width >= narrowest_bar;
    return shortened((drawn ? fmt::format("[{}]  ", bar(*share, bar_width)) : "") + progress_of(job), width);
}

std::string jobs_text(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    const auto& jobs = rows(body, "jobs");
    if (jobs.empty()) return "no jobs\n";
    Table table({"ID", "TYPE", "MODE", "WHAT", "STATE", "DONE", "SCANNED", "RATE", "LEFT", "CREATED (UTC)"});
    std::string below;
    for (const auto& row : jobs) {
        const auto& o = row.as_object();
        table.add({text(o, "id"), type_of(o), text(o, "mode"), scope_of(o), text(o, "state"), share_of(o),
                   scanned_of(o), rate_of(o), left_of(o), moment(o, "created")});
        if (const auto waits = text(o, "waits_for"); !waits.empty())
            below += fmt::format("{} waits: {}\n", text(o, "id"), waits);
        if (const auto error = text(o, "error"); !error.empty())
            below += fmt::format("{} failed: {}\n", text(o, "id"), error);
    }
    return table.text() + (below.empty() ? "" : "\n" + below);
}

std::string job_text(const std::string& reply) {
    const auto job = json::parse(reply).as_object();
    std::string out;
    const auto line = [&out](std::string_view name, const std::string& said) {
        if (!said.empty()) out += fmt::format("{:<9} {}\n", name, said);
    };
    line("job",
         fmt::format("{}: {}, {}, {}", text(job, "id"), type_of(job), text(job, "mode"), scope_of(job)));
    line("state", text(job, "state"));
    if (!ended(job)) line("progress", progress_of(job));
    line("waits for", text(job, "waits_for"));
    line("error", text(job, "error"));
    line("created", moment(job, "created"));
    line("started", moment(job, "started"));
    line("ended", moment(job, "ended"));
    if (const auto bound = number(job, "max_pending"); bound > 0)
        line("stands", fmt::format("back while more than {} documents wait", grouped(bound)));
    if (const auto* result = object(job, "result")) line("result", result_text(*result));
    if (const auto* cost = object(job, "cost")) line("cost", cost_text(*cost));
    if (!rows(job, "routes").empty()) {
        Table routes({"ROUTE", "STATE", "SCANNED", "OF ABOUT"});
        for (const auto& r : rows(job, "routes")) {
            const auto& o = r.as_object();
            routes.add({text(o, "from") + " -> " + text(o, "to"), text(o, "state"),
                        grouped(number(o, "scanned")), grouped(number(o, "estimate"))});
        }
        out += "\n" + routes.text();
    }
    return out + hints(job);
}

}  // namespace halcyon::cli
