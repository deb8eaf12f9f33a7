#include "net/client/http_client.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "net/client/connect.hpp"
#include "net/client/exchange.hpp"
#include "net/client/origin.hpp"
#include "net/client/pool.hpp"
#include "net/client/verdict.hpp"
#include "net/watch.hpp"

namespace halcyon::net {

struct HttpClient::State {
    async::Executor executor;
    Origin origin;
    std::string name;
    ClientOptions options;
    std::optional<TlsContext> tls;
    std::shared_ptr<ConnectionPool> pool;

    MessageLimits limits() const { return {options.header_bytes, options.reply_bytes}; }
    /// By value: the coroutine starts later, and may outlive the client.
    static Task<Result<Reply>> send(std::shared_ptr<State> state, Request request, Deadline deadline);
};

namespace {

std::string_view wrong(const ClientOptions& o) {
    if (o.connections == 0) return "at least one connection is needed";
    if (o.connect_timeout <= Duration::zero()) return "the connect timeout is not above 0";
    if (o.header_bytes == 0 || o.header_bytes > 2 * GiB) return "the header limit is not in 1 B..2 GiB";
    return {};
}

}  // namespace

HttpClient::HttpClient(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}
HttpClient::~HttpClient() {
    if (state_) state_->pool->close_idle();
}

Result<HttpClient> HttpClient::make(async::Executor executor, std::string_view url, ClientOptions options) {
    HALCYON_TRY(auto origin, parse_origin(url));
    if (const auto why = wrong(options); !why.empty())
        return fail(Verdict::fatal, Cause::invalid, fmt::format("{}: {}", origin.text(), why));
    std::optional<TlsContext> tls;
    if (origin.kind == Origin::Kind::tls) {
        HALCYON_TRY(auto context, TlsContext::client(options.ca_file));
        tls = std::move(context);
    }
    auto pool =
        std::make_shared<ConnectionPool>(executor, options.connections, options.idle, options.idle_time);
    auto name = origin.text();
    return HttpClient(std::make_shared<State>(State{std::move(executor), std::move(origin), std::move(name),
                                                    std::move(options), std::move(tls), std::move(pool)}));
}

Task<Result<Reply>> HttpClient::send(Request request, Deadline deadline) {
    return State::send(state_, std::move(request), deadline);
}

Task<Result<Reply>> HttpClient::State::send(std::shared_ptr<State> state, Request request,
                                            Deadline deadline) {
    auto head = encode_head(request, state->origin.base, state->origin.authority(), state->options.headers);
    if (!head) co_return fail(head.error().in(state->name));
    if (deadline.at <= steady_now())
        co_return fail(Verdict::retry, Cause::timeout, state->name + ": the deadline passed before sending");
    const auto permit = co_await state->pool->acquire(deadline);
    if (!permit)
        co_return fail(Verdict::retry, Cause::timeout,
                       state->name + ": the deadline passed while waiting for a free connection");
    auto stream = state->pool->unpark();
    for (;;) {
        const bool reused = stream != nullptr;
        if (!reused) {
            const auto* tls = state->tls ? &*state->tls : nullptr;
            auto made = co_await connect(state->origin, tls, state->options.connect_timeout, deadline.at);
            if (!made) co_return fail(made.error().in(state->name));
            stream = std::move(made.value());
        }
        const Watch watch(state->executor, deadline.at, [&stream] { stream->close(); });
        auto done = co_await exchange(*stream, head.value(), request, state->limits());
        // A cancelled exchange looks like a failed one: this suspension throws then, and the stream closes.
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none) co_await async::yield();
        if (done.read.reply) {
            if (done.whole && done.read.keep_alive && !watch.expired()) state->pool->park(std::move(stream));
            if (auto refused = refusal_of(*done.read.reply)) co_return fail(refused->in(state->name));
            co_return std::move(*done.read.reply);
        }
        if (!reused || watch.expired() || !may_repeat(done, request.method))
            co_return fail(verdict_of(done, watch.expired()).in(state->name));
        stream.reset();
    }
}

const std::string& HttpClient::origin() const { return state_->name; }
std::size_t HttpClient::open_connections() const { return state_->pool->open(); }
std::size_t HttpClient::idle_connections() const { return state_->pool->idle(); }

}  // namespace halcyon::net
