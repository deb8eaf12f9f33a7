// A client's bytes as the HTTP server reads them: whatever comes, what goes back is HTTP. Front: how many
// bytes arrive at once (1 byte); then the stream.
#include <memory>
#include <string>

#include "fuzz/fuzz.hpp"
#include "fuzz/served.hpp"
#include "net/message.hpp"
#include "net/server/router.hpp"

namespace halcyon::fuzz {
namespace {

/// How many requests the handlers saw.
using Seen = std::shared_ptr<std::size_t>;

Task<net::ServerReply> answer(Seen seen, net::ServerRequest request, std::string parameter) {
    ++*seen;
    HOLDS(!request.id.empty() && request.id.size() <= 64);
    for (const auto& name : request.query_names()) HOLDS(name.empty() || request.query_value(name));
    net::ServerReply reply;
    reply.body = request.body + parameter + request.query_value("limit").value_or("");
    for (const auto& text : {request.path, request.query, reply.body}) {
        HOLDS(net::percent_decode(net::percent_encode(text)) == text);
        static_cast<void>(net::percent_decode(text, true));
    }
    co_return reply;
}

net::Handler handler_of(const Seen& seen) {
    net::Router router;
    router.add("GET", "/status", [seen](net::ServerRequest r) { return answer(seen, std::move(r), {}); });
    router.add("POST", "/dead-letters/{id}", [seen](net::ServerRequest r) {
        auto id = r.parameter("id");
        return answer(seen, std::move(r), std::move(id));
    });
    router.add("POST", "/shards/{n:uint}", [seen](net::ServerRequest r) {
        auto n = std::to_string(r.number("n"));
        return answer(seen, std::move(r), std::move(n));
    });
    return router.handler();
}

}  // namespace

void run(Input input) {
    const std::size_t piece = 7 * input.choice(64);  // 0: all
    const auto bytes = input.rest();
    const auto seen = std::make_shared<std::size_t>(0);
    net::Service service{.options = {.header_bytes = 1024, .body_bytes = 512}, .handler = handler_of(seen)};
    const auto replies = served(service, bytes, piece);
    // The reply to a HEAD announces a body that does not come.
    if (bytes.find("HEAD ") != bytes.npos) return;
    std::size_t ok = 0;
    constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
    for (std::string_view left = replies; !left.empty();) {
        if (left.starts_with(interim)) {
            left.remove_prefix(interim.size());
            continue;
        }
        net::asio::io_context loop{1};
        GivenStream back(loop, left, 0);
        const auto read =
            finish(loop, net::read_reply(back, {.header_bytes = 64 * 1024, .body_bytes = 64 * 1024}));
        HOLDS(read.reply.has_value());
        HOLDS(read.reply->headers.find("X-Request-Id").has_value());
        // 500 would be a bug, says the server.
        HOLDS(read.reply->status == 200 || (read.reply->status >= 400 && read.reply->status < 500));
        ok += read.reply->status == 200;
        left.remove_prefix(left.find("\r\n\r\n") + 4 + read.reply->body.size());
    }
    HOLDS(ok == *seen);
}

}  // namespace halcyon::fuzz
