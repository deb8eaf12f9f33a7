#include "net/server/http_server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <fstream>

#include "async/waiter.hpp"
#include "contract/net/serving.hpp"
#include "support/certificate.hpp"
#include "support/raw_server.hpp"

using namespace halcyon;
using namespace halcyon::test;
using net::ServerOptions;
using net::ServerReply;
using net::ServerRequest;

namespace {

constexpr auto late = std::chrono::milliseconds(10'000);
constexpr auto soon = std::chrono::milliseconds(150);

/// Sends bytes as they are and returns all that comes back until the server closes.
Task<std::string> talk(std::uint16_t port, std::string bytes) {
    namespace asio = boost::asio;
    constexpr auto as_result = asio::as_tuple(async::use_task);
    asio::basic_stream_socket<asio::ip::tcp, async::Executor> socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, async::use_task);
    co_await asio::async_write(socket, asio::buffer(bytes), as_result);
    std::string all;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto [error, n] = co_await socket.async_read_some(asio::buffer(buffer), as_result);
        all.append(buffer.data(), n);
        if (error) co_return all;
    }
}

}  // namespace

TEST_CASE("a client and a server understand each other over TCP, TLS and a Unix socket") {
    Loop loop;
    TemporaryFolder folder;
    Serving serving(loop, echo);
    net::ClientOptions options;
    std::string url = serving.url();
    SECTION("TCP") {}
    SECTION("TLS") {
        const auto cert = make_certificate(folder, "server", "DNS:localhost,IP:127.0.0.1");
        const auto port = serving.server().listen_tls("127.0.0.1:0", cert.certificate_file, cert.key_file);
        REQUIRE(port.has_value());
        options.ca_file = cert.certificate_file;
        url = fmt::format("https://{}:{}", GENERATE("localhost", "127.0.0.1"), port.value());
    }
    SECTION("Unix") {
        REQUIRE(serving.server().listen_unix(folder.file("s.sock")).has_value());
        url = "unix:" + folder.file("s.sock");
    }
    serving.start();
    auto client = client_for(loop, url, options);
    const std::string large(3 * MiB, 'x');
    for (const auto& body : {std::string("a"), large, std::string("b")}) {
        const auto result =
            loop.wait(client.send({.method = "POST", .target = "/p?q=1", .body = body}, in(late)));
        REQUIRE(result.has_value());
        CHECK(result.value().body == "POST /p?q=1 " + body);
        CHECK(result.value().headers.find("content-type") == "text/plain");
    }
    CHECK(serving.server().connections() == 1);
}

TEST_CASE("a certificate that can't be trusted ends the handshake before anything is sent") {
    Loop loop;
    TemporaryFolder folder;
    const auto cert = make_certificate(folder, "server", "DNS:elsewhere.example");
    const auto other = make_certificate(folder, "other", "DNS:localhost");
    Serving serving(loop, echo);
    const auto port = serving.server().listen_tls("127.0.0.1:0", cert.certificate_file, cert.key_file);
    REQUIRE(port.has_value());
    serving.start();
    net::ClientOptions options;
    SECTION("another name") { options.ca_file = cert.certificate_file; }
    SECTION("another root") { options.ca_file = other.certificate_file; }
    SECTION("not among the system's roots") {}
    auto client = client_for(loop, fmt::format("https://localhost:{}", port.value()), options);
    const auto result = loop.wait(client.send({.method = "PUT"}, in(late)));
    REQUIRE(result.has_error());
    CHECK(result.error().cause == Cause::unavailable);
    CHECK_THAT(result.error().context, Catch::Contains("certificate"));
}

TEST_CASE("TLS against a server that speaks none sends nothing") {
    Loop loop;
    Serving serving(loop, echo);
    serving.start();
    auto client = client_for(loop, fmt::format("https://127.0.0.1:{}", serving.port()));
    const auto result = loop.wait(client.send({.method = "PUT"}, in(late)));
    REQUIRE(result.has_error());
    CHECK(result.error().cause == Cause::unavailable);
}

TEST_CASE("TLS against a server that says nothing sends nothing") {
    Loop loop;
    RawServer server(loop, {{hold()}});
    net::ClientOptions options;
    auto within = late;
    auto cause = Cause::unavailable;
    SECTION("until the patience for connecting ends") { options.connect_timeout = soon; }
    SECTION("until the deadline") {
        within = soon;
        cause = Cause::timeout;
    }
    auto client = client_for(loop, fmt::format("https://127.0.0.1:{}", server.port()), options);
    const auto result = loop.wait(client.send({.method = "PUT"}, in(within)));
    REQUIRE(result.has_error());
    CHECK(result.error().cause == cause);
    CHECK(server.received(0).find("PUT") == std::string::npos);
    CHECK(client.open_connections() == 0);
}

TEST_CASE("files that are no certificates are refused at the start") {
    Loop loop;
    TemporaryFolder folder;
    net::ClientOptions options;
    options.ca_file = folder.file("none.crt");
    const auto made = net::HttpClient::make(loop.executor(), "https://localhost", options);
    REQUIRE(made.has_error());
    CHECK(made.error().verdict == Verdict::fatal);
    net::HttpServer server(loop.executor(), {}, echo);
    CHECK(server.listen_tls("127.0.0.1:0", folder.file("a"), folder.file("b")).has_error());
}

TEST_CASE("a Unix socket is its owner's alone, and its file goes with the server") {
    Loop loop;
    TemporaryFolder folder;
    const auto path = folder.file("s.sock");
    struct stat s{};
    {
        net::HttpServer server(loop.executor(), {}, echo);
        REQUIRE(server.listen_unix(path).has_value());
        REQUIRE(::stat(path.c_str(), &s) == 0);
        CHECK((s.st_mode & 0777) == 0600);
    }
    CHECK(::stat(path.c_str(), &s) != 0);
}

TEST_CASE("a socket file is replaced only if nobody listens on it") {
    Loop loop;
    TemporaryFolder folder;
    const auto path = folder.file("s.sock");
    SECTION("stale") {
        boost::asio::local::stream_protocol::acceptor dead(loop.executor(), path);
        dead.close();
        REQUIRE(::access(path.c_str(), F_OK) == 0);
        net::HttpServer server(loop.executor(), {}, echo);
        CHECK(server.listen_unix(path).has_value());
    }
    SECTION("somebody listens") {
        net::HttpServer first(loop.executor(), {}, echo);
        REQUIRE(first.listen_unix(path).has_value());
        net::HttpServer second(loop.executor(), {}, echo);
        const auto refused = second.listen_unix(path);
        REQUIRE(refused.has_error());
        CHECK(refused.error().cause == Cause::conflict);
        CHECK(::access(path.c_str(), F_OK) == 0);
    }
    SECTION("another kind of file") {
        std::ofstream(path) << "precious";
        net::HttpServer server(loop.executor(), {}, echo);
        CHECK(server.listen_unix(path).has_error());
        std::string kept;
        std::ifstream(path) >> kept;
        CHECK(kept == "precious");
    }
}

TEST_CASE("an address that is taken or malformed is refused") {
    Loop loop;
    Serving serving(loop, echo);
    net::HttpServer other(loop.executor(), {}, echo);
    const auto taken = other.listen_tcp(fmt::format("127.0.0.1:{}", serving.port()));
    REQUIRE(taken.has_error());
    CHECK(taken.error().cause == Cause::conflict);
    for (const auto* bad : {"", "8686", "127.0.0.1", "127.0.0.1:99999", "example.com:1", "127.0.0.1:x"})
        CHECK(other.listen_tcp(bad).has_error());
}

TEST_CASE("requests that break the limits or the form are answered, and the connection ends") {
    const auto [name, bytes, status] = GENERATE(table<std::string, std::string, std::string>({
        {"long head", "GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "431"},
        {"announced body", "PUT / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x'), "413"},
        {"chunked body",
         "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + std::string(5000, 'x') +
             "\r\n0\r\n\r\n",
         "413"},
        {"garbage", "hello\r\n\r\n", "400"},
        {"no path", "OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n", "400"},
        {"two lengths", "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
    }));
    INFO(name);
    Loop loop;
    ServerOptions options;
    options.header_bytes = 2000;
    options.body_bytes = 2000;
    Serving serving(loop, echo, options);
    serving.start();
    const auto said = loop.wait(talk(serving.port(), bytes));
    CHECK_THAT(said, Catch::StartsWith("HTTP/1.1 " + status) && Catch::Contains("application/problem+json") &&
                         Catch::Contains("\"status\":" + status) && Catch::Contains("Connection: close"));
}

TEST_CASE("requests in a row on one connection are answered in order") {
    Loop loop;
    Serving serving(loop, echo);
    serving.start();
    const auto said = loop.wait(talk(serving.port(),
                                     "PUT /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\nAGET /2 HTTP/1.1\r\n\r\n"
                                     "HEAD /3 HTTP/1.1\r\n\r\nGET /4 HTTP/1.1\r\nConnection: close\r\n\r\n"));
    CHECK_THAT(said, Catch::Contains("PUT /1? A") && Catch::Contains("GET /2? ") &&
                         !Catch::Contains("HEAD /3") && Catch::EndsWith("GET /4? "));
}

TEST_CASE("who expects 100-continue gets it before sending the body") {
    Loop loop;
    Serving serving(loop, echo);
    serving.start();
    const auto said = loop.wait(
        talk(serving.port(),
             "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
    CHECK_THAT(said, Catch::StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK") &&
                         Catch::EndsWith("PUT /? ok"));
}

TEST_CASE("connections that are too slow are closed") {
    const auto [name, bytes] = GENERATE(table<std::string, std::string>({
        {"no request", ""},
        {"half a head", "GET / HT"},
        {"half a body", "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\n1"},
    }));
    INFO(name);
    Loop loop;
    ServerOptions options;
    options.idle_time = options.head_time = options.body_time = soon;
    Serving serving(loop, echo, options);
    serving.start();
    CHECK(loop.wait(talk(serving.port(), bytes)).empty());
    CHECK(serving.server().connections() == 0);
}

namespace {

Task<ServerReply> throws(ServerRequest) {
    throw std::runtime_error("bug");
    co_return ServerReply{};
}

/// Answers once it is told to.
struct Gate {
    explicit Gate(Loop& loop) : open(loop.executor()) {}
    async::Event open;
    int entered = 0;
    int left = 0;
    static Task<ServerReply> pass(Gate* gate, ServerRequest) {
        ++gate->entered;
        struct Left {
            Gate* gate;
            ~Left() { ++gate->left; }
        } left{gate};
        co_await gate->open.wait();
        co_return ServerReply{200, "passed"};
    }
    net::Handler handler() {
        return [this](ServerRequest r) { return pass(this, std::move(r)); };
    }
};

}  // namespace

TEST_CASE("a bug in a handler is answered with 500 and the server goes on") {
    Loop loop;
    Serving serving(loop, throws);
    serving.start();
    auto client = client_for(loop, serving.url());
    for (int i = 0; i < 2; ++i) CHECK(loop.wait(client.send({}, in(late))).value().status == 500);
    CHECK_FALSE(serving.ended());
}

TEST_CASE("an orderly stop answers what is under way and closes what rests") {
    Loop loop;
    Gate gate(loop);
    Serving serving(loop, gate.handler());
    serving.start();
    auto client = client_for(loop, serving.url());
    const auto resting = loop.start(talk(serving.port(), ""));
    const auto under_way = loop.start(client.send({}, in(late)));
    loop.until([&] { return gate.entered == 1 && serving.server().connections() == 2; });
    serving.server().stop(in(late));
    CHECK(loop.wait(resting).empty());
    auto newcomer = client_for(loop, serving.url());
    CHECK(loop.wait(newcomer.send({}, in(late))).error().cause == Cause::unavailable);
    CHECK_FALSE(serving.ended());
    gate.open.notify();
    const auto answered = loop.wait(under_way);
    REQUIRE(answered.has_value());
    CHECK(answered.value().body == "passed");
    CHECK(answered.value().headers.find("Connection") == "close");
    loop.until([&] { return serving.ended(); });
    CHECK(client.open_connections() == 0);
}

TEST_CASE("a stop whose deadline passes cancels what is under way") {
    Loop loop;
    Gate gate(loop);
    Serving serving(loop, gate.handler());
    serving.start();
    auto client = client_for(loop, serving.url());
    const auto under_way = loop.start(client.send({}, in(late)));
    loop.until([&] { return gate.entered == 1; });
    serving.server().stop(in(late));
    serving.server().stop(in(soon));
    loop.until([&] { return serving.ended(); });
    CHECK(gate.left == 1);
    CHECK(loop.wait(under_way).error().cause == Cause::in_doubt);
}

TEST_CASE("a server that is cancelled leaves nothing running") {
    Loop loop;
    Gate gate(loop);
    net::HttpServer server(loop.executor(), {}, gate.handler());
    const auto port = server.listen_tcp("127.0.0.1:0").value();
    const auto serving = loop.start(server.serve());
    const auto under_way = loop.start(talk(port, "GET / HTTP/1.1\r\n\r\n"));
    loop.until([&] { return gate.entered == 1; });
    serving->cancel();
    loop.until([&] { return serving->ended; });
    CHECK(gate.left == 1);
    CHECK(server.connections() == 0);
    CHECK(loop.wait(under_way).empty());
}
