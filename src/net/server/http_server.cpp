#include "net/server/http_server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <optional>
#include <vector>

#include "async/task_group.hpp"
#include "async/waiter.hpp"
#include "base/log.hpp"
#include "net/server/connection.hpp"
#include "net/server/listener.hpp"
#include "net/watch.hpp"

namespace halcyon::net {
namespace {

constexpr Duration pause_after_trouble = std::chrono::milliseconds(100);

/// Files are what the rest of the process lives on, too.
std::size_t most_connections(std::size_t wanted) {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
    return std::min(wanted, std::max<std::size_t>(files.rlim_cur / 4, 1));
}

}  // namespace

struct HttpServer::State {
    /// A listener and how many of its connections are open.
    struct Door {
        explicit Door(std::unique_ptr<Listener> l, const async::Executor& executor)
            : listener(std::move(l)), left(executor) {}
        std::unique_ptr<Listener> listener;
        async::Event left;
        std::size_t open = 0;
    };
    struct Guest {
        std::shared_ptr<Connection> connection;
        const Door* door;
    };
    using Connections = std::list<Guest>;

    State(async::Executor e, ServerOptions o, Handler h)
        : executor(std::move(e)), service{o, std::move(h)}, group(executor) {
        service.options.connections = most_connections(o.connections);
    }

    async::Executor executor;
    Service service;
    async::TaskGroup group;
    std::vector<std::shared_ptr<Door>> doors;
    Connections connections;
    bool stopping = false;
    Deadline stop_by;
    std::optional<Watch> last_call;

    void close_doors() {
        for (const auto& door : doors) {
            door->listener->close();
            door->left.notify();
        }
    }

    static Task<> serve(std::shared_ptr<State> state);

    static Task<> serve_one(std::shared_ptr<State> self, std::shared_ptr<Door> door,
                            std::shared_ptr<Connection> connection) {
        struct Presence {
            State& state;
            Door& door;
            Connections::iterator at;
            Presence(State& s, Door& d, const std::shared_ptr<Connection>& c)
                : state(s), door(d), at(s.connections.insert(s.connections.end(), {c, &d})) {}
            ~Presence() {
                state.connections.erase(at);
                --door.open;
                door.left.notify();
            }
            Presence(const Presence&) = delete;
            Presence& operator=(const Presence&) = delete;
        } presence(*self, *door, connection);
        connection->stopping = self->stopping;
        co_await serve_connection(connection, self->service);
    }

    /// Closes the connection of that door that is missed least. Where all are being handled, the next reply
    /// of each is its last.
    void shed(const Door& door) {
        std::vector<Connection*> guests;
        std::vector<Occupation> occupations;
        for (const auto& guest : connections) {
            if (guest.door != &door) continue;
            if (guest.connection->shed) return;  // it is about to leave
            guests.push_back(guest.connection.get());
            occupations.push_back(guest.connection->occupation);
        }
        if (const auto victim = least_missed(occupations)) {
            guests[*victim]->shed = true;
            guests[*victim]->stream->close();
        } else {
            for (auto* guest : guests) guest->stopping = true;
        }
    }

    static Task<> say_goodbye(std::shared_ptr<WebSocket> socket) {
        co_await socket->close(close_code::going_away, "going away");
    }

    static Task<> accept(std::shared_ptr<State> self, std::shared_ptr<Door> door) {
        while (!self->stopping) {
            auto accepted = co_await door->listener->accept();
            if (self->stopping) break;
            if (accepted.error) {
                // Out of file descriptors, most of the time: it passes when connections end.
                log::warn("http", "{}: accepting: {}", door->listener->name(), accepted.error.message());
                async::SystemClock clock;
                co_await clock.sleep(pause_after_trouble);
                continue;
            }
            while (door->open >= self->service.options.connections && !self->stopping) {
                self->shed(*door);
                co_await door->left.wait();
            }
            if (self->stopping) break;
            ++door->open;
            const auto connection = std::make_shared<Connection>();
            connection->stream = std::move(accepted.stream);
            connection->peer = std::move(accepted.peer);
            connection->local = door->listener->local();
            connection->tls = door->listener->tls();
            self->group.spawn(serve_one(self, door, connection));
        }
    }
};

HttpServer::HttpServer(async::Executor executor, ServerOptions options, Handler handler)
    : state_(std::make_shared<State>(std::move(executor), options, std::move(handler))) {}
HttpServer::~HttpServer() { state_->close_doors(); }

Result<std::uint16_t> HttpServer::listen_tcp(std::string_view address) {
    HALCYON_TRY(auto listener, net::listen_tcp(state_->executor, address, std::nullopt));
    state_->doors.push_back(std::make_shared<State::Door>(std::move(listener), state_->executor));
    return state_->doors.back()->listener->port();
}

Result<std::uint16_t> HttpServer::listen_tls(std::string_view address, const std::string& certificate,
                                             const std::string& key) {
    HALCYON_TRY(auto tls, TlsIdentity::open(certificate, key));
    HALCYON_TRY(auto listener, net::listen_tcp(state_->executor, address, std::move(tls)));
    state_->doors.push_back(std::make_shared<State::Door>(std::move(listener), state_->executor));
    return state_->doors.back()->listener->port();
}

Result<> HttpServer::listen_unix(const std::string& path) {
    HALCYON_TRY(auto listener, net::listen_unix(state_->executor, path));
    state_->doors.push_back(std::make_shared<State::Door>(std::move(listener), state_->executor));
    return success();
}

Task<> HttpServer::serve() { return State::serve(state_); }

Task<> HttpServer::State::serve(std::shared_ptr<State> state) {
    for (const auto& door : state->doors) state->group.spawn(State::accept(state, door));
    // A cancelled join waits for its children, too; then the doors are still open.
    struct Closing {
        State& state;
        explicit Closing(State& s) : state(s) {}
        ~Closing() {
            state.last_call.reset();
            state.close_doors();
        }
        Closing(const Closing&) = delete;
        Closing& operator=(const Closing&) = delete;
    } closing(*state);
    co_await state->group.join();
}

void HttpServer::stop(Deadline deadline) {
    auto& s = *state_;
    if (!s.stopping) {
        s.stopping = true;
        s.close_doors();
        for (const auto& guest : s.connections) {
            guest.connection->stopping = true;
            if (guest.connection->resting) guest.connection->stream->close();
            if (guest.connection->websocket) s.group.spawn(State::say_goodbye(guest.connection->websocket));
        }
    } else if (deadline.at >= s.stop_by.at) {
        return;
    }
    s.stop_by = deadline;
    if (s.group.running() > 0)
        s.last_call.emplace(s.executor, deadline.at, [state = state_.get()] { state->group.cancel(); });
}

std::size_t HttpServer::connections() const { return state_->connections.size(); }
std::size_t HttpServer::websockets() const { return state_->service.websockets; }

}  // namespace halcyon::net
