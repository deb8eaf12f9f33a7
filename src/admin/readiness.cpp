#include "admin/readiness.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon::admin {
namespace {

using api::Reason;

constexpr std::string_view told_only = "paused_by_operator";

void of_stream(const Overview& o, const ReadinessBounds& bounds, WallTime now, std::vector<Reason>& out) {
    if (!o.streaming && o.trouble.empty())
        out.push_back({"starting", "the change stream is not open yet", "", {}});
    else if (!o.streaming)
        out.push_back({"stream_closed", o.trouble, "", {}});
    if (bounds.lag.count() > 0 && o.lag && *o.lag > bounds.lag)
        out.push_back({"lag",
                       fmt::format("{} behind MongoDB, {} is the bound (http.ready.lag)",
                                   duration_text(o.lag->count()), duration_text(bounds.lag.count())),
                       "",
                       {}});
    if (bounds.stuck.count() > 0 && o.under_way > 0 && o.position_moved &&
        now.ms - o.position_moved->ms > bounds.stuck.count())
        out.push_back({"position_stuck",
                       fmt::format("{} changes are under way and the position did not move for {}, {} is the "
                                   "bound (http.ready.stuck)",
                                   o.under_way, duration_text(now.ms - o.position_moved->ms),
                                   duration_text(bounds.stuck.count())),
                       "",
                       {}});
    if (o.history.low && o.history.left)
        out.push_back({"history_low",
                       fmt::format("history: {} left before the position is lost, less than "
                                   "mongodb.history_warning ({})",
                                   duration_text(o.history.left->count() * 1000),
                                   duration_text(o.history.warning.count() * 1000)),
                       "",
                       {}});
}

}  // namespace

std::vector<Reason> Readiness::judge(const Overview& o, std::string_view state_trouble, WallTime now) {
    std::vector<Reason> out;
    if (o.stopping) out.push_back({"stopping", "it is being stopped", "", {}});
    of_stream(o, bounds_, now, out);
    if (!o.failure.empty())
        out.push_back({"state_failing", "the state cannot be written: " + o.failure, "", {}});
    else if (!state_trouble.empty())
        out.push_back({"state_failing", fmt::format("the state cannot be read: {}", state_trouble), "", {}});
    for (const auto& c : o.collections) {
        if (c.many_letters)
            out.push_back({"dead_letters",
                           fmt::format("{}: {} dead letters, near the bound (dead_letters.max); `halcyon "
                                       "dead-letters list` shows them",
                                       c.name, c.letters),
                           c.name,
                           {}});
        if (c.paused_by_operator)
            out.push_back(
                {"paused_by_operator",
                 fmt::format("{}: paused by an operator; `halcyon resume {}` lets it go on", c.name, c.name),
                 c.name,
                 {}});
        else if (c.paused)
            out.push_back({"paused", fmt::format("{}: {}", c.name, c.reason), c.name, {}});
    }
    for (const auto& [guard, question] : o.held)
        out.push_back({"held", fmt::format("{}: {}", guard, question), guard, {}});
    std::map<std::pair<std::string, std::string>, WallTime> since;
    for (auto& r : out) {
        const auto at = std::pair(r.code, r.collection);
        const auto before = since_.find(at);
        r.since = since[at] = before == since_.end() ? now : before->second;
        if (r.code == "held") r.collection.clear();
    }
    since_ = std::move(since);
    return out;
}

bool Readiness::ready(const std::vector<Reason>& reasons) {
    return std::all_of(reasons.begin(), reasons.end(), [](const Reason& r) { return r.code == told_only; });
}

}  // namespace halcyon::admin
