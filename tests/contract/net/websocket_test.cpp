#include "net/server/websocket.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>
#include <catch2/catch.hpp>

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

constexpr unsigned text = 1, closing = 8, ping = 9, pong = 10;

Task<> echoes(std::shared_ptr<WebSocket> socket) {
    while (const auto message = co_await socket->receive())
        if (!co_await socket->send(*message)) break;
}
Task<> says_much(std::shared_ptr<WebSocket> socket) {
    co_await socket->receive();
    co_await socket->send(std::string(10'000, 'a'));
}
Task<ServerReply> upgrades(ServerRequest request) {
    if (request.path == "/plain") co_return ServerReply{200, request.websocket ? "asked" : "not asked"};
    ServerReply reply;
    reply.upgrade = request.path == "/much" ? says_much : echoes;
    reply.headers.emplace_back("X-Kind", "live");
    const auto protocols = request.websocket_protocols();
    if (!protocols.empty()) reply.protocol = protocols.front();
    if (request.path == "/wrong-protocol") reply.protocol = "none.of.these";
    co_return reply;
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
        {"a character that is cut off", text_frame("a\xd3"), 1007},
        {"the same before an empty fragment", frame(0x01, "a\xd3") + frame(0x80, ""), 1007},
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

TEST_CASE("memory is not reserved for what a frame only announces") {
    Loop loop;
    Serving serving(loop, upgrades);
    serving.start();
    auto client = connected(loop, serving.port(), "/",
                            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    // Compressed, so that the size of the message is not known yet: 2^56 bytes.
    const std::string announced("\xc1\xff\x01\x00\x00\x00\x00\x00\x00\x00mask", 14);
    loop.wait(client.send(announced + std::string(100, 'x')));
    CHECK(loop.wait(client.next()).opcode != text);
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
