#include "net/server/connection.hpp"

#include <fmt/format.h>

#include <array>

#include "base/log.hpp"
#include "net/http_date.hpp"
#include "net/message.hpp"
#include "net/watch.hpp"

namespace halcyon::net {
namespace {

using Step = RequestReader::Step;
constexpr Duration linger_time = std::chrono::seconds(2);

WallTime wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

std::string encode_head(const ServerReply& reply, bool keep_alive) {
    auto head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", reply.status, reason_of(reply.status),
                            http_date(wall_now()));
    for (const auto& [name, value] : reply.headers) head += fmt::format("{}: {}\r\n", name, value);
    if (reply.status != 204 && reply.status != 304)
        head +=
            fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", reply.content_type, reply.body.size());
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

class Session {
  public:
    Session(Connection& connection, const ServerOptions& options, const Handler& handler,
            async::Executor executor)
        : connection_(connection),
          stream_(*connection.stream),
          options_(options),
          handler_(handler),
          executor_(std::move(executor)),
          reader_(stream_, {options.header_bytes, options.body_bytes}) {}

    Task<> run() {
        {
            const auto watch = limit(options_.head_time);
            if (!(co_await stream_.handshake()).empty()) co_return;
        }
        while (!connection_.stopping && co_await one()) {
        }
    }

  private:
    /// True if another request may follow.
    Task<bool> one() {
        connection_.resting = true;
        auto step = Step::ok;
        {
            const auto watch = limit(options_.idle_time);
            step = co_await reader_.begin();
        }
        connection_.resting = false;
        if (step != Step::ok) co_return false;
        {
            const auto watch = limit(options_.head_time);
            step = co_await reader_.head();
        }
        if (step != Step::ok) co_return co_await refuse(step);
        auto head = reader_.take_head();
        {
            const auto watch = limit(options_.body_time);
            if (head.expects_continue && !co_await write("HTTP/1.1 100 Continue\r\n\r\n", {}))
                co_return false;
            step = co_await reader_.body();
        }
        if (step != Step::ok) co_return co_await refuse(step);
        const bool without_body = head.method == "HEAD";
        const bool wants_more = head.keep_alive;
        auto reply = co_await handle(std::move(head));
        const bool keep_alive = wants_more && !connection_.stopping;
        const auto text = encode_head(reply, keep_alive);
        const bool no_body = without_body || reply.status == 204 || reply.status == 304;
        const auto watch = limit(options_.body_time);
        co_return co_await write(text, no_body ? std::string_view{} : reply.body) && keep_alive;
    }

    Task<ServerReply> handle(RequestReader::Head head) {
        if (!head.target.starts_with('/'))
            co_return problem(400, "Bad Request", "the target does not begin with /");
        ServerRequest request{.method = std::move(head.method)};
        const auto question = std::min(head.target.find('?'), head.target.size());
        request.path = head.target.substr(0, question);
        request.query = head.target.substr(std::min(question + 1, head.target.size()));
        request.headers = std::move(head.headers);
        request.body = reader_.take_body();
        request.local = connection_.local;
        request.deadline = {steady_now() + options_.handle_time};
        const auto what = fmt::format("{} {}", request.method, request.path);
        try {
            co_return co_await handler_(std::move(request));
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw;
            log::error("http", "{}: {}", what, e.what());
        } catch (const std::exception& e) {
            log::error("http", "{}: {}", what, e.what());
        }
        co_return problem(500, "Internal Server Error", "this is a bug; the log says more");
    }

    /// The peer may still be sending: closing at once would reset the connection and could take the answer
    /// with it.
    Task<bool> refuse(Step step) {
        if (step == Step::closed || step == Step::broken) co_return false;
        const auto reply = refusal(step, options_);
        const auto watch = limit(linger_time);
        if (!co_await write(encode_head(reply, false), reply.body)) co_return false;
        std::array<char, 16 * 1024> thrown_away{};
        while (!(co_await stream_.read_some(asio::buffer(thrown_away))).error) {
        }
        co_return false;
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
    const ServerOptions& options_;
    const Handler& handler_;
    async::Executor executor_;
    RequestReader reader_;
};

}  // namespace

Task<> serve_connection(std::shared_ptr<Connection> connection, const ServerOptions& options,
                        const Handler& handler) {
    Session session(*connection, options, handler, co_await asio::this_coro::executor);
    co_await session.run();
}

}  // namespace halcyon::net
