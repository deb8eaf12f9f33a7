#include <catch2/catch.hpp>

#include "async/clock.hpp"
#include "async/task_group.hpp"
#include "contract/net/raw_client.hpp"
#include "contract/net/serving.hpp"

using namespace halcyon;
using namespace halcyon::test;
using net::ServerOptions;
using net::ServerReply;
using net::ServerRequest;
using net::WebSocket;

namespace {

constexpr auto late = std::chrono::milliseconds(10'000);
constexpr auto soon = std::chrono::milliseconds(150);
constexpr unsigned text = 1, closing = 8, ping = 9, pong = 10;

Task<> echoes(std::shared_ptr<WebSocket> socket) {
    while (const auto message = co_await socket->receive())
        if (!co_await socket->send(*message)) break;
}
Task<> breaks(std::shared_ptr<WebSocket> socket) {
    co_await socket->send("so far");
    throw std::runtime_error("bug");
}
Task<> leaves(std::shared_ptr<WebSocket> socket) { co_await socket->send("that was all"); }
/// Hears nothing, as a view that is only pushed to.
Task<> ticks(std::shared_ptr<WebSocket> socket) {
    async::SystemClock clock;
    while (co_await socket->send("tick")) co_await clock.sleep(std::chrono::milliseconds(5));
}
/// Until the peer takes no more.
Task<> floods(std::shared_ptr<WebSocket> socket) {
    const std::string large(4 * MiB, 'x');
    while (co_await socket->send(large)) {
    }
}

Task<ServerReply> upgrades(ServerRequest request) {
    ServerReply reply;
    reply.upgrade = request.path == "/breaks"   ? breaks
                    : request.path == "/leaves" ? leaves
                    : request.path == "/floods" ? floods
                    : request.path == "/ticks"  ? ticks
                                                : echoes;
    co_return reply;
}

}  // namespace

TEST_CASE("a websocket ends with its handler: 1000, or 1011 for a bug") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    const auto [path, code] = GENERATE(table<std::string, unsigned>({{"/leaves", 1000}, {"/breaks", 1011}}));
    auto client = connected(loop, serving.port(), path);
    CHECK(loop.wait(client.next()).opcode == text);
    CHECK(loop.wait(client.next()).code() == code);
    CHECK(serving.server().websockets() == 1);
    loop.wait(client.send(close_frame(1000)));
    CHECK(loop.wait(client.next()).opcode == ServerFrame::ended);
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("a client that vanishes ends the websocket") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = connected(loop, serving.port());
    client.close();
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("websockets beyond the limit are asked to come later") {
    Loop loop;
    ServerOptions options;
    options.websockets = 1;
    Serving serving(loop, upgrades, options);
    serving.start();
    auto first = connected(loop, serving.port());
    auto second = loop.wait(RawClient::to(serving.port()));
    loop.wait(second.send(handshake("/")));
    CHECK_THAT(loop.wait(second.head()),
               Catch::StartsWith("HTTP/1.1 503 ") && Catch::Contains("Retry-After: 5\r\n"));
    loop.wait(first.send(close_frame(1000)));
    loop.until([&] { return serving.server().websockets() == 0; });
    connected(loop, serving.port());
}

TEST_CASE("a peer that takes nothing any more is cut off") {
    Loop loop;
    ServerOptions options;
    options.websocket.send_time = soon;
    Serving serving(loop, upgrades, options);
    serving.start();
    auto client = connected(loop, serving.port(), "/floods");
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("a silent peer is pinged, and stays as long as it answers") {
    Loop loop;
    ServerOptions options;
    options.websocket.idle_time = 2 * soon;
    Serving serving(loop, upgrades, options);
    serving.start();
    auto client = connected(loop, serving.port());
    for (int i = 0; i < 3; ++i) {
        CHECK(loop.wait(client.next()).opcode == ping);
        loop.wait(client.send(frame(0x80 | pong, {})));
    }
    CHECK(serving.server().websockets() == 1);
    CHECK(loop.wait(client.next()).opcode == ping);
    CHECK(loop.wait(client.next()).opcode == ServerFrame::ended);
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("an orderly stop says 1001 to websockets and waits for their answer") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    // The last one is stopped before its handler begins.
    const auto [path, begun] =
        GENERATE(table<std::string, bool>({{"/", true}, {"/ticks", true}, {"/", false}}));
    auto client = connected(loop, serving.port(), path);
    if (begun) {
        loop.wait(client.send(text_frame("hello")));
        CHECK(loop.wait(client.next()).opcode == text);
    }
    serving.server().stop(in(late));
    auto last = loop.wait(client.next());
    while (last.opcode == text) last = loop.wait(client.next());
    CHECK(last.opcode == closing);
    CHECK(last.code() == 1001);
    CHECK(last.payload.substr(2) == "going away");
    // Time enough for the handler to see that it is closed, which must not end the connection before the
    // peer.
    loop.wait(async::SystemClock{}.sleep(std::chrono::milliseconds(50)));
    CHECK(serving.server().connections() == 1);
    loop.wait(client.send(close_frame(1001)));
    CHECK(loop.wait(client.next()).opcode == ServerFrame::ended);
    loop.until([&] { return serving.ended(); });
}

TEST_CASE("a stop does not wait longer than its deadline for a websocket") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    const auto path = GENERATE("/", "/floods");
    auto client = connected(loop, serving.port(), path);
    loop.wait(client.send(text_frame("hello")));
    CHECK(loop.wait(client.next()).opcode == text);
    serving.server().stop(in(soon));
    loop.until([&] { return serving.ended(); }, std::chrono::seconds(5));
    CHECK(serving.server().websockets() == 0);
}

namespace {

/// What became of a websocket that was sent to by a coroutine that is cancelled while it waits.
struct Cut {
    explicit Cut(Loop& loop) : group(loop.executor()) {}
    async::TaskGroup group;
    std::shared_ptr<WebSocket> socket{};
    bool received = false;
    static Task<> waits(Cut* cut) { cut->received = (co_await cut->socket->receive()).has_value(); }
    static Task<> run(Cut* cut, std::shared_ptr<WebSocket> socket) {
        cut->socket = socket;
        cut->group.spawn(waits(cut));
        co_await cut->group.join();
        co_await socket->send("still there?");
    }
    net::Handler handler() {
        return [this](ServerRequest) { return reply(this); };
    }
    static Task<ServerReply> reply(Cut* cut) {
        ServerReply answer;
        answer.upgrade = [cut](std::shared_ptr<WebSocket> s) { return run(cut, std::move(s)); };
        co_return answer;
    }
};

}  // namespace

TEST_CASE("a receive that is cancelled closes the websocket") {
    Loop loop;
    Cut cut(loop);
    Serving serving(loop, cut.handler());
    serving.start();
    auto client = connected(loop, serving.port());
    loop.until([&] { return cut.group.running() == 1; });
    CHECK(cut.socket->open());
    cut.group.cancel();
    CHECK(loop.wait(client.next()).opcode == ServerFrame::ended);
    CHECK_FALSE(cut.socket->open());
    CHECK_FALSE(cut.received);
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("a server that is cancelled closes its websockets") {
    Loop loop;
    net::HttpServer server(loop.executor(), {}, upgrades);
    const auto port = server.listen_tcp("127.0.0.1:0").value();
    const auto serving = loop.start(server.serve());
    auto idle = connected(loop, port);
    auto flooded = connected(loop, port, "/floods");
    serving->cancel();
    loop.until([&] { return serving->ended; });
    CHECK(server.connections() == 0);
    CHECK(loop.wait(idle.next()).opcode == ServerFrame::ended);
}
