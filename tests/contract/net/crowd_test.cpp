#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "async/clock.hpp"
#include "async/waiter.hpp"
#include "contract/net/raw_client.hpp"
#include "contract/net/serving.hpp"
#include "support/certificate.hpp"

using namespace halcyon;
using namespace halcyon::test;
using net::ServerOptions;
using net::ServerReply;
using net::ServerRequest;

namespace {

constexpr auto late = std::chrono::milliseconds(10'000);
constexpr auto soon = std::chrono::milliseconds(150);
constexpr auto whole = "GET /whole HTTP/1.1\r\n\r\n";

Task<> keeps(std::shared_ptr<net::WebSocket> socket) { co_await socket->receive(); }

/// Answers /held once it is told to, /large with more than sockets hold, the rest at once.
struct Door {
    explicit Door(Loop& loop) : open(loop.executor()) {}
    async::Event open;
    int held = 0;
    static Task<ServerReply> answer(Door* door, ServerRequest request) {
        static const std::string large(64 * MiB, 'x');
        ServerReply reply{200, request.path};
        if (request.path == "/large") reply.fixed_body = large;
        if (request.path == "/websocket") reply.upgrade = keeps;
        if (request.path == "/held") {
            ++door->held;
            co_await door->open.wait();
        }
        co_return reply;
    }
    net::Handler handler() {
        return [this](ServerRequest r) { return answer(this, std::move(r)); };
    }
};

/// A server behind that door; the test starts it.
struct Served {
    explicit Served(ServerOptions options) : door(loop), serving(loop, door.handler(), options) {}
    Loop loop;
    Door door;
    Serving serving;
};

RawClient said(Loop& loop, std::uint16_t port, std::string bytes) {
    auto client = loop.wait(RawClient::to(port));
    loop.wait(client.send(std::move(bytes)));
    return client;
}

/// A request byte by byte, for as long as the server takes it.
Task<> dribbles(RawClient* client, std::string bytes) {
    async::SystemClock clock;
    for (const char byte : bytes) {
        if (!co_await client->send(std::string(1, byte))) break;
        co_await clock.sleep(std::chrono::milliseconds(10));  // it is slow on purpose
    }
}

/// As many files as the process may have open; false if fewer than `needed`.
bool raise_open_files(rlim_t needed) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    if (limit.rlim_cur >= needed) return true;
    limit.rlim_cur = std::min(limit.rlim_max, needed);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed;
}

}  // namespace

TEST_CASE("a newcomer takes the place of the connection that has been without a request longest") {
    Served on({.connections = 2});
    auto& [loop, door, serving] = on;
    serving.start();
    const auto [name, first_bytes] = GENERATE(table<std::string, std::string>(
        {{"resting", whole}, {"half a head", "GET / HT"}, {"silent from the start", ""}}));
    INFO(name);
    auto first = said(loop, serving.port(), first_bytes);
    if (first_bytes == whole) CHECK_THAT(loop.wait(first.head()), Catch::StartsWith("HTTP/1.1 200 "));
    loop.until([&] { return serving.server().connections() == 1; });
    auto second = said(loop, serving.port(), whole);
    CHECK_THAT(loop.wait(second.head()), Catch::StartsWith("HTTP/1.1 200 "));
    auto third = said(loop, serving.port(), whole);
    CHECK_THAT(loop.wait(third.head()), Catch::StartsWith("HTTP/1.1 200 "));
    CHECK_FALSE(loop.wait(first.all()).starts_with("HTTP"));
    CHECK(serving.server().connections() == 2);
}

TEST_CASE("who sends a body makes room only where nobody waits for less") {
    Served on({.connections = 2});
    auto& [loop, door, serving] = on;
    serving.start();
    const std::string half = "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n1";
    auto body = said(loop, serving.port(), half);
    CHECK_THAT(loop.wait(body.head()), Catch::StartsWith("HTTP/1.1 100 "));
    auto resting = said(loop, serving.port(), whole);
    loop.wait(resting.head());
    auto held = said(loop, serving.port(), "GET /held HTTP/1.1\r\n\r\n");
    loop.until([&] { return door.held == 1; });
    CHECK(loop.wait(resting.all()) == "/whole");
    auto newcomer = said(loop, serving.port(), whole);
    CHECK_THAT(loop.wait(newcomer.head()), Catch::StartsWith("HTTP/1.1 200 "));
    CHECK(loop.wait(body.all()).empty());
    door.open.notify();
    CHECK_THAT(loop.wait(held.head()), Catch::StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("requests that are being handled keep their place, and then make room") {
    Served on({.connections = 2});
    auto& [loop, door, serving] = on;
    serving.start();
    auto socket = connected(loop, serving.port(), "/websocket");
    auto held = said(loop, serving.port(), "GET /held HTTP/1.1\r\n\r\n");
    loop.until([&] { return door.held == 1; });
    auto newcomer = said(loop, serving.port(), whole);
    const auto answer = loop.start(newcomer.head());
    // Long enough for an answer that must not come.
    loop.wait(async::SystemClock{}.sleep(soon));
    CHECK_FALSE(answer->ended);
    CHECK(serving.server().connections() == 2);
    door.open.notify();
    CHECK_THAT(loop.wait(held.all()), Catch::Contains("Connection: close") && Catch::EndsWith("/held"));
    CHECK_THAT(loop.wait(answer), Catch::StartsWith("HTTP/1.1 200 "));
    CHECK(serving.server().websockets() == 1);
}

TEST_CASE("the time for a head and for a body is a total, however the bytes are spread") {
    Served on({.head_time = soon, .body_time = soon});
    auto& [loop, door, serving] = on;
    serving.start();
    const auto [name, at_once, slowly] = GENERATE(table<std::string, std::string, std::string>({
        {"head", "", "GET / HTTP/1.1\r\nX: " + std::string(5000, 'x')},
        {"body", "PUT / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n", std::string(4000, 'x')},
    }));
    INFO(name);
    auto client = said(loop, serving.port(), at_once);
    const auto begin = std::chrono::steady_clock::now();
    loop.wait(dribbles(&client, slowly));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("who does not take the reply is cut off") {
    Served on({.body_time = soon});
    auto& [loop, door, serving] = on;
    serving.start();
    auto client = said(loop, serving.port(), "GET /large HTTP/1.1\r\n\r\n");
    CHECK_THAT(loop.wait(client.head()), Catch::Contains("Content-Length: 67108864"));
    loop.until([&] { return serving.server().connections() == 0; });
}

TEST_CASE("bodies that are received and handled have a common limit") {
    Loop loop;
    TemporaryFolder folder;
    Door door(loop);
    ServerOptions options;
    options.bodies_bytes = 1000;
    Serving serving(loop, door.handler(), options);
    REQUIRE(serving.server().listen_unix(folder.file("s.sock")).has_value());
    serving.start();
    const auto put = [](std::size_t bytes) {
        return fmt::format("PUT /whole HTTP/1.1\r\nContent-Length: {}\r\n\r\n", bytes);
    };
    // Larger than the limit, but alone.
    auto first = said(loop, serving.port(),
                      "PUT /held HTTP/1.1\r\nContent-Length: 1100\r\n\r\n" + std::string(1100, 'x'));
    loop.until([&] { return door.held == 1; });
    auto second = said(loop, serving.port(), put(1));
    const auto refused = loop.wait(second.head());
    CHECK_THAT(refused, Catch::StartsWith("HTTP/1.1 503 ") && Catch::Contains("Retry-After: 5\r\n") &&
                            Catch::Contains("Connection: close\r\n"));
    auto without = said(loop, serving.port(), whole);
    CHECK_THAT(loop.wait(without.head()), Catch::StartsWith("HTTP/1.1 200 "));
    auto local = loop.wait(
        RawClient::to(net::Origin{.kind = net::Origin::Kind::unix_socket, .host = folder.file("s.sock")}));
    loop.wait(local.send(put(1) + "x"));
    CHECK_THAT(loop.wait(local.head()), Catch::StartsWith("HTTP/1.1 200 "));
    door.open.notify();
    CHECK_THAT(loop.wait(first.head()), Catch::StartsWith("HTTP/1.1 200 "));
    auto chunked =
        said(loop, serving.port(), "PUT /held HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    auto third = said(loop, serving.port(), put(1));
    CHECK_THAT(loop.wait(third.head()), Catch::StartsWith("HTTP/1.1 503 "));
    chunked.close();
    loop.until([&] { return serving.server().connections() == 5; });
    auto fourth = said(loop, serving.port(), put(1) + "x");
    CHECK_THAT(loop.wait(fourth.head()), Catch::StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("thousands of connections that never finish a request lock nobody out") {
    constexpr std::size_t attackers = 3000, bound = 200;
    if (!raise_open_files(2 * attackers + 500)) {
        WARN("SKIPPED: this process may not open enough files for the test of a crowd");
        return;
    }
    Served on({.connections = bound});
    auto& [loop, door, serving] = on;
    serving.start();
    std::vector<RawClient> crowd;
    std::size_t most = 0;
    for (std::size_t i = 0; i < attackers; ++i) {
        crowd.push_back(said(loop, serving.port(), "GET /slow HTTP/1.1\r\nX-Half: "));
        most = std::max(most, serving.server().connections());
    }
    const auto begin = std::chrono::steady_clock::now();
    auto client = client_for(loop, serving.url());
    const auto answer = loop.wait(client.send({.target = "/operator"}, in(late)));
    REQUIRE(answer.has_value());
    CHECK(answer.value().body == "/operator");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
    CHECK(most == bound);
    CHECK(serving.server().connections() == bound);
}
