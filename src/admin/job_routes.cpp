// Jobs: started, watched, paused, resumed, cancelled.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "admin/body.hpp"
#include "admin/tables.hpp"
#include "api/job_json.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

std::string address_of(const std::string& id) { return "/v1/jobs/" + net::percent_encode(id); }

net::ServerReply unknown_job(const std::string& id) {
    return net::problem(404, "no such job", fmt::format("{} is not known; `halcyon jobs` lists them", id),
                        "id");
}

net::ServerReply show(Sidecar& sidecar, const std::string& id) {
    for (const auto& job : sidecar.jobs.jobs())
        if (job.id == id) return reply_of(api::job_json(job));
    return unknown_job(id);
}

Read<BackfillRequest> read_request(const json::object& body, const std::vector<RouteStatus>& routes) {
    BackfillRequest out;
    if (auto wrong =
            unknown_field(body, {"type", "collection", "namespace", "mode", "dry_run", "max_pending"}))
        return std::move(*wrong);
    std::optional<std::string> texts[3];
    const std::string_view names[]{"type", "namespace", "mode"};
    for (std::size_t i = 0; i < 3; ++i) {
        auto text = text_of(body, names[i]);
        if (auto* wrong = std::get_if<Wrong>(&text)) return std::move(*wrong);
        texts[i] = std::get<std::optional<std::string>>(text);
    }
    if (texts[0] != "backfill") return net::problem(400, "no such type", "type must be \"backfill\"", "type");
    if (auto wrong = read_collection(body, routes, out.collection)) return std::move(*wrong);
    if (texts[1]) {
        const auto ns = Namespace::parse(*texts[1]);
        if (ns.has_error()) return net::problem(400, "no namespace", ns.error().context, "namespace");
        const auto to = out.collection ? std::string_view(out.collection->value()) : std::string_view();
        if (!leads(routes, *texts[1], to))
            return net::problem(404, "no such route",
                                to.empty() ? fmt::format("no route leads from {}", *texts[1])
                                           : fmt::format("no route leads from {} to {}", *texts[1], to),
                                "namespace");
        out.ns = ns.value();
    }
    if (texts[2]) {
        const auto mode = parse_backfill_mode(*texts[2]);
        if (!mode)
            return net::problem(400, "no such mode", "one of incremental, skip_if_exists, full", "mode");
        out.mode = *mode;
    }
    if (auto wrong = read_flag(body, "dry_run", out.dry_run)) return std::move(*wrong);
    if (auto wrong = read_count(body, "max_pending", out.max_pending)) return std::move(*wrong);
    return out;
}

Task<net::ServerReply> start(Sidecar* sidecar, net::ServerRequest request) {
    auto body = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&body)) co_return std::move(*wrong);
    auto read = read_request(std::get<json::object>(body), sidecar->status.overview().routes);
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    auto started = co_await sidecar->jobs.start(std::get<BackfillRequest>(read));
    if (started.has_error()) {
        if (started.error().cause != Cause::conflict) co_return answer(started.error());
        const auto& first = started.error().context;
        auto reply = net::problem(409, "such a job is under way",
                                  fmt::format("{} does that already: `halcyon jobs show {}`", first, first));
        reply.headers.emplace_back("Location", address_of(first));
        co_return reply;
    }
    auto reply = reply_of(api::job_json(started.value()), 201);
    reply.headers.emplace_back("Location", address_of(started.value().id));
    co_return reply;
}

Task<net::ServerReply> act(Sidecar* sidecar, JobControl::Act what, net::ServerRequest request) {
    auto read = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    if (auto wrong = unknown_field(std::get<json::object>(read), {})) co_return std::move(*wrong);
    const auto& id = request.parameter("id");
    auto done = co_await sidecar->jobs.act(id, what);
    if (done.has_value()) co_return reply_of(api::job_json(done.value()));
    if (done.error().cause == Cause::not_found) co_return unknown_job(id);
    co_return answer(done.error());
}

}  // namespace

Routes job_routes(Sidecar& sidecar) {
    auto* s = &sidecar;
    const auto acts = [s](JobControl::Act what) {
        return [s, what](net::ServerRequest r) { return act(s, what, std::move(r)); };
    };
    return {
        {"GET", "/v1/jobs", Role::viewer,
         [s](net::ServerRequest) { return ready({.status = 200, .body = api::jobs_json(s->jobs.jobs())}); }},
        {"POST", "/v1/jobs", Role::operator_, [s](net::ServerRequest r) { return start(s, std::move(r)); }},
        {"GET", "/v1/jobs/{id}", Role::viewer,
         [s](net::ServerRequest r) { return ready(show(*s, r.parameter("id"))); }},
        {"POST", "/v1/jobs/{id}/pause", Role::operator_, acts(JobControl::Act::pause)},
        {"POST", "/v1/jobs/{id}/resume", Role::operator_, acts(JobControl::Act::resume)},
        {"POST", "/v1/jobs/{id}/cancel", Role::operator_, acts(JobControl::Act::cancel)},
    };
}

}  // namespace halcyon::admin
