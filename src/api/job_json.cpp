#include "api/job_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "api/document_json.hpp"

namespace halcyon::api {
namespace {

namespace json = boost::json;

json::value cost_json(const std::optional<JobCost>& c) {
    if (!c) return nullptr;
    return json::object{
        {"documents", c->documents},   {"unchanged", c->unchanged}, {"payload_only", c->payload_only},
        {"embed", c->embed},           {"remove", c->remove},       {"texts", c->texts},
        {"characters", c->characters}, {"tokens", c->tokens()},     {"requests", c->requests}};
}

json::value result_json(const std::optional<JobResult>& r) {
    if (!r) return nullptr;
    return json::object{{"embedded", r->embedded},
                        {"written", r->written},
                        {"unchanged", r->unchanged},
                        {"removed", r->removed}};
}

}  // namespace

json::object job_json(const Job& job) {
    const auto& q = job.request;
    const auto scanned = job.scanned();
    const auto estimate = job.estimate();
    const bool known = estimate > 0;
    json::object out{{"id", job.id},
                     {"type", "backfill"},
                     {"mode", to_string(q.mode)},
                     {"dry_run", q.dry_run},
                     {"max_pending", q.max_pending},
                     {"state", to_string(job.state)},
                     {"collection", q.collection ? json::value(q.collection->value()) : json::value(nullptr)},
                     {"namespace", q.ns ? json::value(q.ns->text()) : json::value(nullptr)}};
    json::array routes;
    for (const auto& r : job.routes)
        routes.push_back(json::object{{"from", r.from.text()},
                                      {"to", r.to.value()},
                                      {"state", r.state},
                                      {"scanned", r.scanned},
                                      {"estimate", r.estimate}});
    out["routes"] = std::move(routes);
    out["scanned"] = scanned;
    out["estimate"] = estimate;
    const auto share = job.state == JobState::done
                           ? 1.0
                           : std::min(1.0, static_cast<double>(scanned) /
                                               static_cast<double>(std::max<std::uint64_t>(estimate, 1)));
    out["share"] = known || job.state == JobState::done ? json::value(share) : json::value(nullptr);
    out["rate"] = job.rate;
    const bool moving = job.state == JobState::running && job.rate > 0 && known;
    const auto left = estimate > scanned ? estimate - scanned : 0;
    out["left_s"] = moving ? json::value(static_cast<std::int64_t>(static_cast<double>(left) / job.rate))
                           : json::value(nullptr);
    out["waits_for"] = job.waits_for;
    out["created"] = when(job.created);
    out["started"] = when(job.started);
    out["updated"] = when(job.updated);
    out["ended"] = when(job.ended);
    out["error"] = job.error;
    out["result"] = result_json(job.result);
    out["cost"] = cost_json(job.cost);
    return out;
}

std::string jobs_json(const std::vector<Job>& jobs) {
    json::array rows;
    for (const auto& j : jobs) rows.push_back(job_json(j));
    return json::serialize(json::object{{"jobs", std::move(rows)}});
}

}  // namespace halcyon::api
