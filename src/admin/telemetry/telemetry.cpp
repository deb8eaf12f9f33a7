#include "admin/telemetry/telemetry.hpp"

#include <algorithm>
#include <set>

#include "admin/access.hpp"
#include "admin/telemetry/session.hpp"
#include "async/alarm.hpp"
#include "async/task_group.hpp"
#include "async/waiter.hpp"
#include "base/log.hpp"

namespace halcyon::admin {
namespace {

constexpr std::string_view protocol = "halcyon.v1";

struct Client {
    Client(async::Executor executor, std::shared_ptr<net::WebSocket> s, Session session_)
        : socket(std::move(s)), session(std::move(session_)), wake(executor), leave(executor) {}
    std::shared_ptr<net::WebSocket> socket;
    Session session;
    async::Event wake;   // something may be there to send
    async::Event leave;  // it is to be closed with the code
    std::uint16_t code = net::close_code::normal;
    std::string_view reason;

    void send_away(std::uint16_t with, std::string_view why) {
        code = with;
        reason = why;
        leave.notify();
    }
};

}  // namespace

struct TelemetryHub {
    TelemetryHub(Sidecar& s, TelemetryOptions o) : sidecar(s), options(o) {}

    Sidecar& sidecar;
    const TelemetryOptions options;
    Sources sources;
    std::set<std::shared_ptr<Client>> clients;
    std::optional<Instant> looked;  // when the board's figures were asked for
    bool looking = false;
    bool hears_events = false;
    bool hears_log = false;

    bool wanted(Topic topic) const {
        return std::ranges::any_of(clients, [&](const auto& c) {
            return c->session.subscription() && c->session.subscription()->wants(topic);
        });
    }
    Duration shortest_period() const {
        Duration shortest = default_subscription().period;
        bool first = true;
        for (const auto& c : clients)
            if (const auto& s = c->session.subscription()) {
                shortest = first ? s->period : std::min<Duration>(shortest, s->period);
                first = false;
            }
        return shortest;
    }
    bool fresh() const {
        // A timer that was late makes the next round look early.
        return looked && sidecar.clock.now() - *looked < shortest_period() * 9 / 10;
    }

    /// Listens to what somebody wants, and to nothing else.
    void listen() {
        if (const bool events = wanted(Topic::events); events != hears_events) {
            hears_events = events;
            if (events)
                sidecar.status.watch(
                    [this](const DocumentKey& key, const PastEvent& e) { sources.events.put(key, e); });
            else
                sidecar.status.watch({});
        }
        if (const bool log = wanted(Topic::log); log != hears_log) {
            hears_log = log;
            if (log)
                log::tap([this](log::Level level, std::string_view component, std::string_view message) {
                    sources.log.put(level, component, message, async::SystemClock().wall());
                });
            else
                log::tap({});
        }
    }
};

namespace {

/// Ends with a board that is fresh; one client asks, the others wait for it.
Task<> refresh(TelemetryHub* hub, std::shared_ptr<Client> client) {
    while (!hub->fresh()) {
        if (hub->looking) {
            co_await client->wake.wait();
            continue;
        }
        struct Looking {
            TelemetryHub* hub;
            explicit Looking(TelemetryHub* h) : hub(h) { hub->looking = true; }
            ~Looking() {
                hub->looking = false;
                for (const auto& c : hub->clients) c->wake.notify();
            }
        } looking(hub);
        const auto began = hub->sidecar.clock.now();
        const auto snapshot = co_await hub->sidecar.look();
        hub->sources.board.update(snapshot, hub->sidecar.jobs.jobs());
        hub->looked = began;
    }
}

/// False: the client takes nothing, or has gone.
Task<bool> send(TelemetryHub* hub, std::shared_ptr<Client> client, std::string message) {
    const async::Alarm alarm(
        co_await boost::asio::this_coro::executor, hub->options.slow_time,
        [c = client.get()] { c->send_away(net::close_code::try_again_later, "too slow"); });
    co_return co_await client->socket->send(message);
}

Task<> speak(TelemetryHub* hub, std::shared_ptr<Client> client) {
    const auto& clock = hub->sidecar.clock;
    auto& session = client->session;
    for (;;) {
        if (session.round(clock.now())) {
            hub->listen();
            co_await refresh(hub, client);
        }
        while (auto message = session.next(hub->sources, clock.now(), clock.wall()))
            if (!co_await send(hub, client, std::move(*message))) co_return;
        const auto wait = std::max<Duration>(session.due() - clock.now(), Duration::zero());
        const async::Alarm alarm(co_await boost::asio::this_coro::executor, wait,
                                 [c = client.get()] { c->wake.notify(); });
        co_await client->wake.wait();
    }
}

Task<> hear(TelemetryHub* hub, std::shared_ptr<Client> client, async::TaskGroup* all) {
    while (const auto text = co_await client->socket->receive()) {
        if (!client->session.hear(*text, hub->sources, hub->sidecar.clock.now()))
            client->send_away(net::close_code::policy, "too many questions");
        hub->listen();
        client->wake.notify();
    }
    all->cancel();
}

Task<> say_goodbye(std::shared_ptr<Client> client) {
    co_await client->leave.wait();
    log::info("telemetry", "a client is sent away: {}", client->reason);
    co_await client->socket->close(client->code, client->reason);
}

}  // namespace

Telemetry::Telemetry(Sidecar& sidecar, TelemetryOptions options)
    : hub_(std::make_unique<TelemetryHub>(sidecar, options)) {}

Telemetry::~Telemetry() {
    hub_->clients.clear();
    hub_->listen();
}

std::size_t Telemetry::clients() const { return hub_->clients.size(); }

Task<> Telemetry::serve(std::shared_ptr<net::WebSocket> socket, Role role) {
    auto* hub = hub_.get();
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto client = std::make_shared<Client>(
        executor, std::move(socket), Session(hub->sidecar.facts.version, role, hub->sidecar.clock.now()));
    struct Guest {
        TelemetryHub* hub;
        std::shared_ptr<Client> client;
        ~Guest() {
            hub->clients.erase(client);
            hub->listen();
        }
    };
    hub->clients.insert(client);
    const Guest guest{hub, client};
    async::TaskGroup all(executor);
    all.spawn(hear(hub, client, &all));
    all.spawn(speak(hub, client));
    all.spawn(say_goodbye(client));
    co_await all.join();
}

Routes telemetry_routes(Telemetry& telemetry, const AdminOptions& options) {
    const auto access = std::make_shared<const Access>(options);
    auto* t = &telemetry;
    return {{"GET", "/v1/telemetry", Role::viewer, [access, t](net::ServerRequest request) {
                 const auto role = access->caller(request).value_or(Caller{}).role;
                 net::ServerReply reply;
                 reply.upgrade = [t, role](std::shared_ptr<net::WebSocket> socket) {
                     return t->serve(std::move(socket), role);
                 };
                 const auto offered = request.websocket_protocols();
                 if (std::ranges::find(offered, protocol) != offered.end()) reply.protocol = protocol;
                 return ready(std::move(reply));
             }}};
}

}  // namespace halcyon::admin
