#include "net/server/connection.hpp"

#include <fmt/format.h>

#include <array>

#include "base/log.hpp"
#include "net/http_date.hpp"
#include "net/message.hpp"
#include "net/server/request_id.hpp"
#include "net/watch.hpp"

namespace halcyon::net {
namespace {

using Step = RequestReader::Step;
using Kind = Occupation::Kind;
constexpr Duration linger_time = std::chrono::seconds(2);
constexpr std::string_view again_seconds = "5";  // Retry-After of a server that has no place

WallTime wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

std::string_view body_of(const ServerReply& reply) {
    return reply.fixed_body.empty() ? std::string_view(reply.body) : reply.fixed_body;
}

std::string encode_head(const ServerReply& reply, const std::string& id, bool keep_alive) {
    auto head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nX-Request-Id: {}\r\n", reply.status,
                            reason_of(reply.status), http_date(wall_now()), id);
    for (const auto& [name, value] : reply.headers) head += fmt::format("{}: {}\r\n", name, value);
    if (reply.status != 204 && reply.status != 304)
        head += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", reply.content_type,
                            body_of(reply).size());
    if (!keep_alive) head += "Connection: close\r\n";
    return head + "\r\n";
}

ServerReply refusal(Step step, const ServerOptions& options) {
    if (step == Step::long_head)
        return problem(431, "Request Header Fields Too Large",
                       fmt::format("the head is larger than {}", format_bytes(options.header_bytes)));
    if (step == Step::large_body)
        return problem(413, "Content Too Large",
                       fmt::format("the body is larger than {}", format_bytes(options.body_bytes)));
    return problem(400, "Bad Request", "this is not HTTP/1.1");
}

ServerReply bug() { return problem(500, "Internal Server Error", "this is a bug; the log says more"); }

ServerReply no_place(std::string_view detail) {
    auto reply = problem(503, "Service Unavailable", detail);
    reply.headers.emplace_back("Retry-After", again_seconds);
    return reply;
}

/// A share of a number that the connections have in common.
class Share {
  public:
    Share(std::size_t& total, std::size_t part) : total_(total), part_(part) { total_ += part_; }
    ~Share() { total_ -= part_; }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

  private:
    std::size_t& total_;
    std::size_t part_;
};

class Session {
  public:
    Session(Connection& connection, Service& service, async::Executor executor)
        : connection_(connection),
          stream_(*connection.stream),
          service_(service),
          options_(service.options),
          executor_(std::move(executor)),
          reader_(stream_, {options_.header_bytes, options_.body_bytes}) {}

    Task<> run() {
        occupied(Kind::waiting);
        {
            const auto watch = limit(options_.head_time);
            if (!(co_await stream_.handshake()).empty()) co_return;
        }
        while (!connection_.stopping && co_await one()) {
        }
    }

  private:
    void occupied(Kind kind) { connection_.occupation = {kind, steady_now()}; }

    /// True if another request may follow.
    Task<bool> one() {
        occupied(Kind::waiting);
        connection_.resting = true;
        auto step = Step::ok;
        {
            const auto watch = limit(options_.idle_time);
            step = co_await reader_.begin();
        }
        connection_.resting = false;
        if (step != Step::ok) co_return false;
        id_ = new_request_id();
        {
            const auto watch = limit(options_.head_time);
            step = co_await reader_.head();
        }
        if (step != Step::ok) co_return co_await refuse(step);
        auto head = reader_.take_head();
        if (const auto id = head.headers.find("X-Request-Id"); id && is_request_id(*id)) id_ = *id;
        if (too_many_bodies(head.body_bytes))
            co_return co_await refuse(no_place("too much is being received now"));
        const Share share(service_.bodies, head.body_bytes);
        occupied(Kind::body);
        {
            const auto watch = limit(options_.body_time);
            if (head.expects_continue && !co_await write("HTTP/1.1 100 Continue\r\n\r\n", {}))
                co_return false;
            step = co_await reader_.body();
        }
        if (step != Step::ok) co_return co_await refuse(step);
        occupied(Kind::handled);
        const bool without_body = head.method == "HEAD";
        const bool wants_more = head.keep_alive;
        const auto asked = head.old ? std::nullopt : upgrade_request(head.method, head.target, head.headers);
        auto reply = co_await handle(std::move(head), asked.has_value());
        if (reply.upgrade) {
            auto refused = refuse_upgrade(asked, reply.protocol);
            if (!refused && (connection_.stopping || service_.websockets >= options_.websockets))
                refused = no_place("no more websockets are taken now");
            if (!refused) {
                co_await converse(*asked, std::move(reply));
                co_return false;
            }
            reply = std::move(*refused);
        }
        co_return co_await answer(reply, without_body, wants_more);
    }

    Task<bool> answer(const ServerReply& reply, bool without_body, bool wants_more) {
        const bool keep_alive = wants_more && !connection_.stopping;
        const auto text = encode_head(reply, id_, keep_alive);
        const bool no_body = without_body || reply.status == 204 || reply.status == 304;
        const auto watch = limit(options_.body_time);
        co_return co_await write(text, no_body ? std::string_view{} : body_of(reply)) && keep_alive;
    }

    Task<ServerReply> handle(RequestReader::Head head, bool websocket) {
        if (!head.target.starts_with('/'))
            co_return problem(400, "Bad Request", "the target does not begin with /");
        ServerRequest request{.method = std::move(head.method)};
        const auto question = std::min(head.target.find('?'), head.target.size());
        request.path = head.target.substr(0, question);
        request.query = head.target.substr(std::min(question + 1, head.target.size()));
        request.headers = std::move(head.headers);
        request.body = reader_.take_body();
        request.id = id_;
        request.peer = connection_.peer;
        request.local = connection_.local;
        request.tls = connection_.tls;
        request.websocket = websocket;
        request.deadline = {steady_now() + options_.handle_time};
        const auto what = fmt::format("{} {}", request.method, request.path);
        try {
            co_return co_await service_.handler(std::move(request));
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw;
            log::error("http", "{} (request {}): {}", what, id_, e.what());
        } catch (const std::exception& e) {
            log::error("http", "{} (request {}): {}", what, id_, e.what());
        }
        co_return bug();
    }

    /// From the handshake of a websocket to its end.
    Task<> converse(UpgradeRequest asked, ServerReply reply) {
        const Share share(service_.websockets, 1);
        struct Ending {
            Connection& connection;
            explicit Ending(Connection& c) : connection(c) {}
            ~Ending() {
                if (connection.websocket) connection.websocket->end();
                connection.websocket.reset();
            }
            Ending(const Ending&) = delete;
            Ending& operator=(const Ending&) = delete;
        } ending(connection_);
        auto headers = std::move(reply.headers);
        headers.emplace_back("Date", http_date(wall_now()));
        headers.emplace_back("X-Request-Id", id_);
        if (!reply.protocol.empty()) headers.emplace_back("Sec-WebSocket-Protocol", reply.protocol);
        const auto what = fmt::format("websocket {}", asked.target.substr(0, asked.target.find('?')));
        const auto socket =
            co_await accept_websocket(connection_.stream, std::move(asked), std::move(headers),
                                      reader_.take_rest(), options_.websocket);
        if (!socket) co_return;
        connection_.websocket = socket;
        if (connection_.stopping) {
            co_await socket->close(close_code::going_away, "going away");
            co_return;
        }
        const bool good = co_await converse_with(reply.upgrade, socket, what);
        co_await socket->close(good ? close_code::normal : close_code::internal, {});
        co_await socket->settled();
        if (socket->refused()) co_await linger();
    }

    /// False if it ended with a bug.
    Task<bool> converse_with(const std::function<Task<>(std::shared_ptr<WebSocket>)>& upgrade,
                             std::shared_ptr<WebSocket> socket, const std::string& what) {
        try {
            co_await upgrade(std::move(socket));
            co_return true;
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw;
            log::error("http", "{} (request {}): {}", what, id_, e.what());
        } catch (const std::exception& e) {
            log::error("http", "{} (request {}): {}", what, id_, e.what());
        }
        co_return false;
    }

    bool too_many_bodies(std::size_t bytes) const {
        if (bytes == 0 || service_.bodies == 0 || connection_.local) return false;
        return service_.bodies + bytes > options_.bodies_bytes;
    }

    Task<bool> refuse(Step step) {
        if (step == Step::closed || step == Step::broken) co_return false;
        co_return co_await refuse(refusal(step, options_));
    }

    /// Answers what was not read to its end.
    Task<bool> refuse(ServerReply reply) {
        {
            const auto watch = limit(linger_time);
            if (!co_await write(encode_head(reply, id_, false), reply.body)) co_return false;
        }
        co_await linger();
        co_return false;
    }

    /// The peer may still be sending: closing at once would reset the connection and could take the answer
    /// with it.
    Task<> linger() {
        const auto watch = limit(linger_time);
        std::array<char, 16 * 1024> thrown_away{};
        while (!(co_await stream_.read_some(asio::buffer(thrown_away))).error) {
        }
    }

    Task<bool> write(std::string_view head, std::string_view body) {
        std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
        co_return !(co_await write_all(stream_, buffers, false)).error;
    }

    Watch limit(Duration time) {
        return Watch(executor_, steady_now() + time, [s = &stream_] { s->close(); });
    }

    Connection& connection_;
    Stream& stream_;
    Service& service_;
    const ServerOptions& options_;
    async::Executor executor_;
    RequestReader reader_;
    std::string id_{};  // of the request that is under way
};

}  // namespace

Task<> serve_connection(std::shared_ptr<Connection> connection, Service& service) {
    Session session(*connection, service, co_await asio::this_coro::executor);
    co_await session.run();
}

}  // namespace halcyon::net
