#include <fmt/format.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "admin/metrics/process.hpp"
#include "admin/server.hpp"
#include "admin/telemetry/telemetry.hpp"
#include "app/commands.hpp"
#include "app/open_files.hpp"
#include "app/runtime.hpp"
#include "app/shown_settings.hpp"
#include "async/task_group.hpp"
#include "base/log.hpp"
#include "jobs/backfills.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"
#include "mongo/status_writer.hpp"
#include "net/server/http_server.hpp"
#include "pipeline/pipeline.hpp"
#include "state/rocks_store.hpp"
#include "state/vectors.hpp"

namespace halcyon::app {
namespace {

using pipeline::Pipeline;

constexpr auto summary_every = std::chrono::seconds(10);
constexpr std::size_t largest_body = 1 * MiB;  // of a request to the API

/// The first signal stops in order, the second at once.
Task<> watch_signals(Pipeline* pipeline) {
    boost::asio::basic_signal_set<async::Executor> signals(co_await boost::asio::this_coro::executor, SIGTERM,
                                                           SIGINT);
    co_await signals.async_wait(async::use_task);
    log::info("run", "stopping: what is under way is finished first; a second signal ends at once");
    pipeline->stop();
    co_await signals.async_wait(async::use_task);
    log::warn("run", "ended at once; nothing is lost, the next start goes on from the last commit");
    log::stop();
    std::_Exit(static_cast<int>(cli::Exit::failed));
}

Task<> summarise(const Pipeline* pipeline, StateReader* state, async::SystemClock* clock) {
    std::uint64_t events = 0, embedded = 0;
    bool told_sync = false;
    for (unsigned quiet = 0;;) {
        co_await clock->sleep(summary_every);
        const auto s = pipeline->overview();
        auto counts = co_await state->counts();
        std::uint64_t owed = 0, dead = 0;
        if (counts.has_value())
            for (const auto& c : counts.value()) owed += c.owed, dead += c.dead;
        // A quiet sidecar says so once a minute.
        const bool busy = s.events != events || s.embedded_texts != embedded || !s.in_sync || !told_sync;
        if (!busy && ++quiet < 6) continue;
        quiet = 0;
        told_sync = s.in_sync;
        const auto per_second =
            static_cast<double>(s.events - events) / static_cast<double>(summary_every.count());
        log::info("run",
                  "{}: {:.0f} events/s, lag {}, {} texts embedded (+{}), {} under way, {} owed, {} dead "
                  "letters, {}",
                  s.in_sync     ? "in sync"
                  : s.streaming ? "working"
                                : "waiting",
                  per_second, s.lag ? fmt::format("{} ms", s.lag->count()) : std::string("unknown"),
                  s.embedded_texts, s.embedded_texts - embedded, s.under_way, owed, dead,
                  format_bytes(admin::resident_bytes()));
        for (const auto& r : s.routes)
            if (r.phase != "done" && r.phase != "waiting")
                log::info("scan", "{} -> {}: {}, {} of about {}", r.from, r.to, r.phase, r.scanned,
                          r.estimate);
        events = s.events;
        embedded = s.embedded_texts;
    }
}

/// A sync that failed makes the next commit fail, which stops the pipeline with the reason.
Task<> keep_synced(state::RocksStore* store, async::SystemClock* clock) {
    auto ended = co_await store->keep_synced(*clock);
    if (ended.has_error()) log::error("run", "{}", describe(ended.error()));
}

Task<> live(Runtime* rt, Pipeline* pipeline, state::RocksStore* store, net::HttpServer* server,
            Result<>* outcome, bool* drained) {
    async::TaskGroup beside(co_await boost::asio::this_coro::executor);
    beside.spawn(server->serve());
    beside.spawn(watch_signals(pipeline));
    beside.spawn(summarise(pipeline, store, &rt->clock));
    beside.spawn(keep_synced(store, &rt->clock));
    *outcome = co_await pipeline->run();
    *drained = pipeline->drained();
    if (*drained) {
        auto closed = co_await store->close();
        if (closed.has_error() && outcome->has_value()) *outcome = std::move(closed);
    }
    server->stop(Deadline::in(rt->clock, std::chrono::seconds(2)));
    beside.cancel();
    co_await beside.join();
}

/// None where no embedder's vectors are worth it; without one that cannot be had.
std::unique_ptr<state::Vectors> open_vectors(Runtime& rt) {
    const auto& state = rt.settings.state;
    state::VectorOptions options{state.path + "/vectors", state.vector_cache, state.vector_memory};
    const bool costly =
        std::ranges::any_of(rt.embedders, [](const auto& e) { return e.second->limits().costly; });
    if (state.vector_cache == 0) {
        state::Vectors::remove(options);
        return nullptr;
    }
    if (!costly) return nullptr;
    auto opened = state::Vectors::open(options, rt.work_pool);
    if (opened.has_value()) return std::move(opened.value());
    log::warn("run", "no vectors are kept: {}", describe(opened.error()));
    return nullptr;
}

/// The Unix socket always, TCP where the settings say so; then `address` is where.
Result<> listen(net::HttpServer& server, const AppSettings& settings, std::string& address) {
    HALCYON_TRY(server.listen_unix(settings.state.path + "/control.sock"));
    const auto& http = settings.http;
    if (http.listen.empty()) return success();
    const bool tls = !http.certificate.empty();
    HALCYON_TRY(const auto port, tls ? server.listen_tls(http.listen, http.certificate, http.key)
                                     : server.listen_tcp(http.listen));
    const auto host = http.listen.substr(0, http.listen.rfind(':'));
    address = fmt::format("{}://{}:{}/", tls ? "https" : "http", host, port);
    const auto* who = !http.tokens.empty() ? "with a token"
                      : http.insecure      ? "open to everybody"
                                           : "from this machine";
    log::info("http", "dashboard and API at {}, {}", address, who);
    return success();
}

/// A websocket's client that takes nothing is sent away by the telemetry, before the server ends it.
net::ServerOptions server_options(const admin::AdminOptions& http) {
    net::ServerOptions options{
        .connections = http.connections, .websockets = http.websockets, .body_bytes = largest_body};
    options.websocket.send_time = admin::TelemetryOptions().slow_time + std::chrono::seconds(5);
    return options;
}

}  // namespace

cli::Exit run_command(mongo::Driver& driver, AppSettings settings) {
    std::signal(SIGPIPE, SIG_IGN);
    log::start(settings.log);
    raise_open_files();
    Runtime rt(driver, std::move(settings));
    const auto say = [](const Error& e) {
        log::error("run", "{}", describe(e));
        log::stop();
        return cli::Exit::failed;
    };
    if (auto connected = rt.connect(); connected.has_error()) return say(connected.error());
    auto opened = state::RocksStore::open(rt.settings.state, rt.store_pool, rt.work_pool);
    if (opened.has_error()) return say(opened.error());
    auto store = std::move(opened.value());
    const auto vectors = open_vectors(rt);
    pipeline::Ports ports{*rt.feed, *rt.reader, *rt.qdrant.sink,        *store,       *store, {},
                          rt.clock, rt.random,  rt.stream_budget.get(), vectors.get()};
    ports.status_writer = rt.status_writer.get();
    ports.marks = rt.qdrant.marks.get();
    for (auto& [name, embedder] : rt.embedders) ports.embedders.emplace(name, embedder.get());
    Result<> outcome = success();
    bool drained = false;
    {
        Pipeline pipeline(rt.loop.get_executor(), std::move(ports), rt.settings.pipeline);
        admin::ProcessFacts facts{.version = HALCYON_VERSION,
                                  .memory_limit = rt.settings.memory,
                                  .resident = admin::resident_bytes,
                                  .settings = settings_json(rt.settings)};
        jobs::Backfills jobs(pipeline.orders());
        admin::Sidecar sidecar(pipeline, pipeline, pipeline, jobs, *store, rt.clock, rt.settings.http.ready,
                               std::move(facts));
        const auto& http = rt.settings.http;
        admin::Telemetry telemetry(sidecar);
        auto routes = admin::all_routes(sidecar);
        for (auto& route : admin::telemetry_routes(telemetry, http)) routes.push_back(std::move(route));
        net::HttpServer server(rt.loop.get_executor(), server_options(http),
                               admin::serve(std::move(routes), http, HALCYON_VERSION));
        if (auto listening = listen(server, rt.settings, sidecar.address); listening.has_error())
            return say(listening.error());
        log::info("run", "halcyon {}: {} routes, state in {}", HALCYON_VERSION,
                  rt.settings.pipeline.routes.size(), rt.settings.state.path);
        rt.run(live(&rt, &pipeline, store.get(), &server, &outcome, &drained));
    }
    if (outcome.has_error()) {
        log::error("run", "stopped: {}", describe(outcome.error()));
        log::stop();
        return cli::Exit::failed;
    }
    log::info(
        "run", "{}",
        drained ? "stopped in order" : "stopped; what was under way is compared again at the next start");
    log::stop();
    return cli::Exit::done;
}

}  // namespace halcyon::app
