#include "net/client/connect.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <vector>

#include "async/waiter.hpp"
#include "net/watch.hpp"

namespace halcyon::net {
namespace {

using Tcp = asio::ip::tcp;
using Resolver = asio::ip::basic_resolver<Tcp, async::Executor>;
constexpr auto as_result = asio::as_tuple(async::use_task);

auto unavailable(std::string_view what, std::string_view why) {
    return fail(Verdict::retry, Cause::unavailable, fmt::format("{}: {}", what, why));
}

auto too_late(std::string_view what) {
    return fail(Verdict::retry, Cause::timeout, fmt::format("the deadline passed: {}", what));
}

struct Lookup {
    explicit Lookup(const async::Executor& executor) : resolver(executor), ended(executor) {}
    Resolver resolver;
    async::Waiter ended;
    bool done = false;
    ErrorCode error;
    std::vector<Tcp::endpoint> found;
};

// getaddrinfo can't be interrupted: a lookup that misses the deadline is abandoned, and its late answer
// reaches only the state that it holds itself.
Task<Result<std::vector<Tcp::endpoint>>> resolve(std::string host, std::uint16_t port, Instant until) {
    ErrorCode not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return std::vector{Tcp::endpoint(address, port)};
    const async::Executor executor = co_await asio::this_coro::executor;
    const auto lookup = std::make_shared<Lookup>(executor);
    lookup->resolver.async_resolve(host, std::to_string(port), Resolver::numeric_service,
                                   [lookup](ErrorCode error, const Resolver::results_type& results) {
                                       lookup->error = error;
                                       for (const auto& entry : results)
                                           lookup->found.push_back(entry.endpoint());
                                       lookup->done = true;
                                       lookup->ended.fire();
                                   });
    const Watch watch(executor, until, [lookup] { lookup->ended.fire(); });
    co_await lookup->ended.wait();
    if (!lookup->done) co_return too_late(fmt::format("resolving {}", host));
    if (lookup->error) co_return unavailable(fmt::format("resolving {}", host), lookup->error.message());
    co_return std::move(lookup->found);
}

/// Empty, or why there is no connection.
template <class Socket>
Task<std::string> open(Socket& socket, typename Socket::endpoint_type endpoint, Instant until) {
    const Watch watch(socket.get_executor(), until, [&socket] {
        ErrorCode ignored;
        socket.close(ignored);
    });
    const auto [error] = co_await socket.async_connect(endpoint, as_result);
    if (watch.expired()) co_return "no answer";
    co_return error ? error.message() : std::string{};
}

Task<Result<std::unique_ptr<Stream>>> over_unix(std::string path, Instant until) {
    if (path.size() > 107) co_return unavailable("connecting", "the socket's path is longer than 107 bytes");
    UnixSocket socket(co_await asio::this_coro::executor);
    const auto trouble = co_await open(socket, asio::local::stream_protocol::endpoint(path), until);
    if (!trouble.empty()) co_return unavailable("connecting", trouble);
    co_return unix_stream(std::move(socket));
}

Task<Result<std::unique_ptr<Stream>>> over_tcp(const Origin& origin, const TlsContext* tls, Duration patience,
                                               Instant until) {
    const async::Executor executor = co_await asio::this_coro::executor;
    HALCYON_CO_TRY(auto endpoints, co_await resolve(origin.host, origin.port, until));
    std::string troubles;
    for (const auto& endpoint : endpoints) {
        TcpSocket socket(executor);
        auto trouble = co_await open(socket, endpoint, std::min(until, steady_now() + patience));
        if (trouble.empty()) {
            if (origin.kind != Origin::Kind::tls) co_return tcp_stream(std::move(socket));
            auto stream = tls->connecting(std::move(socket), origin.host);
            const Watch watch(executor, std::min(until, steady_now() + patience),
                              [&stream] { stream->close(); });
            trouble = co_await stream->handshake();
            if (watch.expired()) trouble = "no answer";
            if (trouble.empty()) co_return std::move(stream);
            trouble = "TLS: " + trouble;
        }
        if (steady_now() >= until) co_return too_late("connecting: " + trouble);
        troubles += (troubles.empty() ? "" : "; ") + trouble;
    }
    co_return unavailable("connecting", troubles.empty() ? "the name has no address" : troubles);
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect(const Origin& origin, const TlsContext* tls, Duration patience,
                                              Instant until) {
    if (origin.kind != Origin::Kind::unix_socket) co_return co_await over_tcp(origin, tls, patience, until);
    auto stream = co_await over_unix(origin.host, std::min(until, steady_now() + patience));
    if (!stream && steady_now() >= until) co_return too_late("connecting");
    co_return stream;
}

}  // namespace halcyon::net
