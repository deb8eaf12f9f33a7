// A server's bytes as the HTTP client reads them. Front: how many bytes arrive at once (1 byte); then the
// stream.
#include <string>

#include "fuzz/fuzz.hpp"
#include "fuzz/stream.hpp"
#include "net/client/exchange.hpp"
#include "net/client/verdict.hpp"
#include "net/http_date.hpp"
#include "net/retry_after.hpp"

namespace halcyon::fuzz {
namespace {

constexpr net::MessageLimits limits{.header_bytes = 1024, .body_bytes = 512};

struct Exchanged {
    net::Exchange exchange;
    std::size_t unread = 0;
};

Exchanged exchanged(std::string_view bytes, std::size_t piece) {
    const net::Request request{.method = "POST", .target = "/points", .body = "{}"};
    const auto head = net::encode_head(request, "", "qdrant:6333", {}).value();
    net::asio::io_context loop{1};
    GivenStream stream(loop, bytes, piece);
    auto exchange = finish(loop, net::exchange(stream, head, request, limits));
    HOLDS(exchange.whole && exchange.written == head.size() + 2 && stream.written() == head + "{}");
    HOLDS(exchange.read.received == bytes.size() - stream.unread().size());
    return {std::move(exchange), stream.unread().size()};
}

void check_reply(const net::Reply& reply) {
    HOLDS(reply.status == 101 || (reply.status >= 200 && reply.status <= 999));
    HOLDS(reply.body.size() <= limits.body_bytes);
    HOLDS(net::refusal_of(reply).has_value() == (reply.status >= 300 && reply.status < 400));
    std::size_t head = 0;
    for (const auto& [name, value] : reply.headers.all) {
        HOLDS(value.find_first_of("\r\n") == std::string::npos);
        HOLDS(reply.headers.find(name).has_value());
        head += name.size() + value.size();
        if (const auto wait = net::parse_retry_after(value, WallTime{784'111'777'000}))
            HOLDS(wait->count() >= 0 && *wait <= std::chrono::hours(24));
        if (const auto date = net::parse_http_date(value))
            HOLDS(net::parse_http_date(net::http_date(*date)).value().ms == date->ms);
    }
    HOLDS(head <= limits.header_bytes);
}

}  // namespace

void run(Input input) {
    const std::size_t piece = 1 + 7 * input.choice(64);
    const auto bytes = input.rest();
    const auto whole = exchanged(bytes, 0);
    const auto pieces = exchanged(bytes, piece);
    const auto& one = whole.exchange.read;
    const auto& other = pieces.exchange.read;
    // How bytes are cut on their way changes nothing, but for what of a head that is too long was seen.
    const bool may_be_too_long = bytes.size() > limits.header_bytes;
    HOLDS(may_be_too_long || one.reply.has_value() == other.reply.has_value());
    if (!one.reply) {
        HOLDS(!one.trouble.empty() && !one.keep_alive);
        const auto error = net::verdict_of(whole.exchange, false);
        HOLDS(error.verdict == Verdict::retry && error.cause == Cause::in_doubt);
        return;
    }
    check_reply(*one.reply);
    if (!other.reply) return;
    HOLDS(one.reply->status == other.reply->status && one.reply->body == other.reply->body);
    HOLDS(one.reply->headers.all == other.reply->headers.all);
    // A connection on which something lies behind the reply is not used again.
    if (one.keep_alive) HOLDS(other.keep_alive && whole.unread == 0 && pieces.unread == 0);
}

}  // namespace halcyon::fuzz
