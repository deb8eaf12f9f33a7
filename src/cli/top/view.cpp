#include "cli/top/view.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cli/job.hpp"
#include "cli/question.hpp"
#include "cli/status.hpp"
#include "cli/table.hpp"

namespace halcyon::cli::top {
namespace {

namespace json = boost::json;

Collection collection_of(const json::object& o) {
    Collection c;
    c.name = text(o, "name");
    c.paused_by_operator = flag(o, "paused_by_operator");
    c.paused = flag(o, "paused") || c.paused_by_operator;
    c.state = state_of(o);
    if (const auto* flow = object(o, "flow")) {
        c.planning = number(*flow, "planning");
        c.embedding = number(*flow, "embedding");
        c.to_write = number(*flow, "to_write");
    }
    c.in_flight = number(o, "in_flight");
    c.waiting = number(o, "waiting");
    c.owed = number(o, "owed");
    c.documents = number(o, "documents");
    c.failed = number(o, "failed");
    c.dead_letters = number(o, "dead_letters");
    return c;
}

std::string history_of(const json::object& status) {
    const auto* h = object(status, "history");
    const auto left = h ? real(*h, "left_s") : std::nullopt;
    if (!left) return "unknown";
    return duration_text(static_cast<std::int64_t>(*left * 1000)) + (flag(*h, "low") ? " (too little)" : "");
}

std::vector<std::string> reasons_of(const json::object& status) {
    std::vector<std::string> out;
    if (const auto* ready = object(status, "ready"))
        for (const auto& r : rows(*ready, "reasons")) {
            const auto& o = r.as_object();
            const auto collection = text(o, "collection");
            out.push_back(fmt::format("{}{}: {}", text(o, "code"), collection.empty() ? "" : " " + collection,
                                      text(o, "says")));
        }
    for (const auto& h : rows(status, "held"))
        out.push_back(fmt::format("held by {}: {} (`halcyon apply --yes`)", text(h.as_object(), "guard"),
                                  text(h.as_object(), "question")));
    for (const auto& c : rows(status, "changes")) out.push_back("settings: " + text(c.as_object(), "says"));
    return out;
}

Counters counters_of(const json::object& status) {
    Counters n;
    n.events = number(status, "events");
    n.texts = number(status, "embedded_texts");
    n.requests = number(status, "embedding_requests");
    for (const auto& c : rows(status, "collections"))
        n.written += number(c.as_object(), "upserted") + number(c.as_object(), "removed");
    for (const auto& r : rows(status, "routes")) n.scanned += number(r.as_object(), "scanned");
    return n;
}

std::vector<Job> jobs_of(const json::object& jobs) {
    std::vector<Job> active, ended;
    for (const auto& row : rows(jobs, "jobs")) {
        const auto& o = row.as_object();
        const bool over = end_of_job(o, true).has_value();
        const auto error = text(o, "error");
        (over ? ended : active)
            .push_back({text(o, "id"), scope_of(o), text(o, "state"),
                        over ? (error.empty() ? moment(o, "ended") : error) : progress_of(o),
                        over ? std::nullopt : real(o, "share")});
    }
    active.insert(active.end(), ended.begin(), ended.end());
    return active;
}

}  // namespace

View view_of(const json::object& status, const json::object& jobs) {
    View v;
    v.version = text(status, "version");
    v.started = text(status, "started");
    v.now = text(status, "now");
    v.reasons = reasons_of(status);
    const auto* ready = object(status, "ready");
    const bool fit = !ready || flag(*ready, "ready");
    v.verdict = verdict_of(status);
    v.mood = !fit || !flag(status, "streaming") ? Mood::bad
             : flag(status, "in_sync")          ? Mood::well
                                                : Mood::busy;
    const auto lag = real(status, "lag_ms");
    v.lag = lag ? duration_text(static_cast<std::int64_t>(*lag)) : "unknown";
    v.history = history_of(status);
    if (const auto* m = object(status, "memory"))
        v.memory = fmt::format("{} of {}", format_bytes(number(*m, "resident_bytes")),
                               format_bytes(number(*m, "limit_bytes")));
    for (const auto& c : rows(status, "collections")) v.collections.push_back(collection_of(c.as_object()));
    v.jobs = jobs_of(jobs);
    v.counters = counters_of(status);
    return v;
}

std::optional<Rates> rates(const View& before, const View& after, Duration between) {
    const double seconds = std::chrono::duration<double>(between).count();
    if (seconds <= 0 || before.started != after.started) return std::nullopt;
    const auto rate = [&](std::uint64_t Counters::* what) {
        const auto from = before.counters.*what, to = after.counters.*what;
        // A scan that begins anew counts anew.
        return to < from ? 0.0 : static_cast<double>(to - from) / seconds;
    };
    return Rates{rate(&Counters::events), rate(&Counters::texts), rate(&Counters::requests),
                 rate(&Counters::written), rate(&Counters::scanned)};
}

std::optional<WallTime> wall_time(const std::string& rfc3339) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, used = 0;
    if (std::sscanf(rfc3339.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour, &minute,
                    &second, &ms, &used) != 7 ||
        static_cast<std::size_t>(used) != rfc3339.size())
        return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    return WallTime{std::chrono::milliseconds(days).count() + ((hour * 60 + minute) * 60 + second) * 1000LL +
                    ms};
}

}  // namespace halcyon::cli::top
