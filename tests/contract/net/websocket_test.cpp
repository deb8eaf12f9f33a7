#include "net/server/websocket.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>
#include <catch2/catch.hpp>

#include "async/task_group.hpp"
#include "contract/net/raw_client.hpp"
#include "contract/net/serving.hpp"
#include "support/certificate.hpp"

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
Task<> says_much(std::shared_ptr<WebSocket> socket) {
    co_await socket->receive();
    co_await socket->send(std::string(10'000, 'a'));
}
/// Until the peer takes no more.
Task<> floods(std::shared_ptr<WebSocket> socket) {
    const std::string large(4 * MiB, 'x');
    while (co_await socket->send(large)) {
    }
}

Task<ServerReply> upgrades(ServerRequest request) {
    if (request.path == "/plain") co_return ServerReply{200, request.websocket ? "asked" : "not asked"};
    ServerReply reply;
    reply.upgrade = request.path == "/breaks"   ? breaks
                    : request.path == "/leaves" ? leaves
                    : request.path == "/much"   ? says_much
                    : request.path == "/floods" ? floods
                                                : echoes;
    reply.headers.emplace_back("X-Kind", "live");
    const auto protocols = request.websocket_protocols();
    if (!protocols.empty()) reply.protocol = protocols.front();
    if (request.path == "/wrong-protocol") reply.protocol = "none.of.these";
    co_return reply;
}

/// A client behind its handshake.
RawClient connected(Loop& loop, std::uint16_t port, std::string_view path = "/", std::string_view more = {}) {
    auto client = loop.wait(RawClient::to(port));
    loop.wait(client.send(handshake(path, more)));
    REQUIRE_THAT(loop.wait(client.head()), Catch::StartsWith("HTTP/1.1 101 "));
    return client;
}

std::string inflated(std::string bytes) {
    bytes += std::string("\0\0\xff\xff", 4);
    std::string out(100'000, '\0');
    boost::beast::zlib::inflate_stream stream;
    boost::beast::zlib::z_params z{};
    z.next_in = bytes.data();
    z.avail_in = bytes.size();
    z.next_out = out.data();
    z.avail_out = out.size();
    boost::system::error_code error;
    stream.write(z, boost::beast::zlib::Flush::sync, error);
    out.resize(z.total_out);
    return out;
}

}  // namespace

TEST_CASE("a websocket carries messages over TCP, TLS and a Unix socket") {
    Loop loop;
    TemporaryFolder folder;
    Serving serving(loop, upgrades);
    net::Origin origin{.kind = net::Origin::Kind::tcp, .host = "127.0.0.1", .port = serving.port()};
    std::optional<net::TlsContext> tls;
    SECTION("TCP") {}
    SECTION("TLS") {
        const auto cert = make_certificate(folder, "server", "IP:127.0.0.1");
        const auto port = serving.server().listen_tls("127.0.0.1:0", cert.certificate_file, cert.key_file);
        REQUIRE(port.has_value());
        origin.kind = net::Origin::Kind::tls;
        origin.port = port.value();
        auto context = net::TlsContext::client(cert.certificate_file);
        REQUIRE(context.has_value());
        tls = std::move(context.value());
    }
    SECTION("Unix") {
        REQUIRE(serving.server().listen_unix(folder.file("s.sock")).has_value());
        origin = {.kind = net::Origin::Kind::unix_socket, .host = folder.file("s.sock")};
    }
    serving.start();
    auto client = loop.wait(RawClient::to(origin, tls ? &*tls : nullptr));
    loop.wait(
        client.send(handshake("/", "Sec-WebSocket-Protocol: halcyon.v1, other\r\nX-Request-Id: a.b-1\r\n")));
    const auto head = loop.wait(client.head());
    CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK_THAT(head, Catch::Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    CHECK_THAT(head, Catch::Contains("Sec-WebSocket-Protocol: halcyon.v1\r\n"));
    CHECK_THAT(head, Catch::Contains("X-Request-Id: a.b-1\r\n") && Catch::Contains("X-Kind: live\r\n"));
    CHECK_THAT(head, !Catch::Contains("Sec-WebSocket-Extensions"));
    CHECK(serving.server().websockets() == 1);
    for (const std::size_t size : {0UL, 5UL, 125UL, 126UL, 60'000UL}) {
        const std::string message(size, 'm');
        loop.wait(client.send(text_frame(message)));
        const auto came = loop.wait(client.next());
        CHECK(came.opcode == text);
        CHECK(came.payload == message);
    }
    loop.wait(client.send(close_frame(1000)));
    CHECK(loop.wait(client.next()).code() == 1000);
    CHECK(loop.wait(client.next()).opcode == ServerFrame::ended);
    loop.until([&] { return serving.server().connections() == 0; });
    CHECK(serving.server().websockets() == 0);
}

TEST_CASE("what comes right behind the handshake is a message already") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = loop.wait(RawClient::to(serving.port()));
    loop.wait(client.send(handshake("/") + text_frame("early") + text_frame(std::string(6000, 'y'))));
    CHECK_THAT(loop.wait(client.head()), Catch::StartsWith("HTTP/1.1 101 "));
    CHECK(loop.wait(client.next()).payload == "early");
    CHECK(loop.wait(client.next()).payload == std::string(6000, 'y'));
}

TEST_CASE("a message in fragments is one, and pings between them are answered") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = connected(loop, serving.port());
    loop.wait(client.send(frame(0x01, "one ") + frame(0x80 | ping, "beat") + frame(0x00, "and ") +
                          frame(0x80, "the same")));
    const auto answer = loop.wait(client.next());
    CHECK(answer.opcode == pong);
    CHECK(answer.payload == "beat");
    CHECK(loop.wait(client.next()).payload == "one and the same");
}

TEST_CASE("what breaks the protocol or its limits closes the websocket with the reason's code") {
    const auto [name, bytes, code] = GENERATE(table<std::string, std::string, unsigned>({
        {"binary", frame(0x82, "\1\2"), 1003},
        {"too large", text_frame(std::string(70'000, 'x')), 1009},
        {"too large in fragments",
         frame(0x01, std::string(40'000, 'x')) + frame(0x80, std::string(40'000, 'x')), 1009},
        {"announced far too large", std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10) + "mask",
         1009},
        {"no UTF-8", text_frame("\xff\xfe"), 1007},
        {"no mask", frame(0x81, "bare", false), 1002},
        {"reserved bit", frame(0xc1, "x"), 1002},
        {"reserved opcode", frame(0x83, "x"), 1002},
        {"a fragment of nothing", frame(0x80, "x"), 1002},
        {"a long ping", frame(0x89, std::string(126, 'x')), 1002},
        {"a ping in fragments", frame(0x09, "x"), 1002},
        {"a close with half a code", frame(0x88, "x"), 1002},
        {"a close with a code that may not be sent", close_frame(1005), 1002},
    }));
    INFO(name);
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = connected(loop, serving.port());
    loop.wait(client.send(bytes));
    const auto last = loop.wait(client.next());
    CHECK(last.opcode == closing);
    CHECK(last.code() == code);
    loop.wait(client.send(close_frame(static_cast<std::uint16_t>(code))));
    client.close();
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("a request that can't become a websocket is told why") {
    const auto [name, bytes, status, header] = GENERATE(table<std::string, std::string, int, std::string>({
        {"no upgrade", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426, "Upgrade: websocket\r\n"},
        {"another upgrade", "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", 426,
         "Upgrade: websocket\r\n"},
        {"not kept by the connection", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", 426, ""},
        {"another method", "POST" + handshake("/").substr(3), 426, ""},
        {"HTTP/1.0",
         "GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
         426, ""},
        {"version",
         "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n\r\n",
         426, "Sec-WebSocket-Version: 13\r\n"},
        {"key",
         "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n",
         400, ""},
        {"body", handshake("/", "Content-Length: 1\r\n") + "x", 400, ""},
        {"protocol", handshake("/wrong-protocol"), 500, ""},
        {"no websocket there", handshake("/plain"), 200, "Content-Length: 5\r\n"},
    }));
    INFO(name);
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = loop.wait(RawClient::to(serving.port()));
    loop.wait(client.send(bytes));
    const auto head = loop.wait(client.head());
    CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 " + std::to_string(status)) && Catch::Contains(header));
    CHECK(serving.server().websockets() == 0);
}

TEST_CASE("long messages are compressed for clients that understand it, and only for them") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = loop.wait(RawClient::to(serving.port()));
    loop.wait(client.send(
        handshake("/much", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")));
    CHECK_THAT(loop.wait(client.head()), Catch::Contains("permessage-deflate") &&
                                             Catch::Contains("server_no_context_takeover") &&
                                             Catch::Contains("server_max_window_bits=12"));
    loop.wait(client.send(text_frame("go")));
    const auto compressed = loop.wait(client.next());
    CHECK(compressed.compressed);
    CHECK(compressed.payload.size() < 200);
    CHECK(inflated(compressed.payload) == std::string(10'000, 'a'));
    auto plain = connected(loop, serving.port(), "/much");
    loop.wait(plain.send(text_frame("go")));
    CHECK(loop.wait(plain.next()).payload == std::string(10'000, 'a'));
}

TEST_CASE("a small message that inflates beyond the limit is refused") {
    Loop loop;
    ServerOptions options;
    options.websocket.message_bytes = 500;
    Serving serving(loop, upgrades, options);
    serving.start();
    const std::string offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    auto first = connected(loop, serving.port(), "/much", offer);
    loop.wait(first.send(text_frame("go")));
    const auto bomb = loop.wait(first.next()).payload;
    auto second = connected(loop, serving.port(), "/", offer);
    loop.wait(second.send(frame(0xc1, bomb)));
    CHECK(loop.wait(second.next()).code() == 1009);
}

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
    auto client = connected(loop, serving.port());
    serving.server().stop(in(late));
    const auto last = loop.wait(client.next());
    CHECK(last.opcode == closing);
    CHECK(last.code() == 1001);
    CHECK(last.payload.substr(2) == "going away");
    CHECK_FALSE(serving.ended());
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
