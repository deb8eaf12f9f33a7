// GET /metrics.
#include "admin/metrics/text.hpp"
#include "admin/tables.hpp"

namespace halcyon::admin {
namespace {

Task<net::ServerReply> metrics(Sidecar* sidecar) {
    Scrape scrape;
    scrape.snapshot = co_await sidecar->look();
    scrape.jobs = sidecar->jobs.jobs();
    scrape.process = read_process_figures();
    co_return net::ServerReply{.status = 200,
                               .body = metrics_text(scrape),
                               .content_type = metrics_content_type,
                               .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

Routes metrics_routes(Sidecar& sidecar) {
    auto* s = &sidecar;
    return {{"GET", "/metrics", Role::viewer, [s](net::ServerRequest) { return metrics(s); }}};
}

}  // namespace halcyon::admin
