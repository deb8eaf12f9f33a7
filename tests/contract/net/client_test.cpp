#include "net/client/http_client.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/raw_server.hpp"

using namespace halcyon;
using namespace halcyon::test;
using net::ClientOptions;
using net::HttpClient;
using net::Request;

namespace {

constexpr auto soon = std::chrono::milliseconds(150);
constexpr auto late = std::chrono::milliseconds(10'000);

HttpClient client_of(Loop& loop, const std::string& url, ClientOptions options = {}) {
    auto made = HttpClient::make(loop.executor(), url, std::move(options));
    REQUIRE(made.has_value());
    return std::move(made.value());
}

}  // namespace

TEST_CASE("a request goes over the wire as it was given, with the headers of the client") {
    Loop loop;
    RawServer server(loop, {{read_head(), read_bytes(1), reply(201, "made", "X-Kind: Odd\r\n"), hold()}});
    ClientOptions options;
    options.headers = {{"api-key", "s3cret-value"}};
    auto client = client_of(loop, server.url() + "/base/", options);
    Request request{.method = "PUT", .target = "/a?b=c", .headers = {{"Content-Type", "application/json"}}};
    request.body = "[1,";
    request.more = {"2,", "", "3]"};
    const auto result = loop.wait(client.send(request, in(late)));
    REQUIRE(result.has_value());
    CHECK(result.value().status == 201);
    CHECK(result.value().headers.find("x-KIND") == "Odd");
    CHECK_FALSE(result.value().headers.find("x-other"));
    CHECK(result.value().body == "made");
    loop.until([&] { return server.received(0).ends_with("]"); });
    const auto& sent = server.received(0);
    CHECK_THAT(sent, Catch::StartsWith("PUT /base/a?b=c HTTP/1.1\r\nHost: 127.0.0.1:"));
    CHECK_THAT(sent, Catch::Contains("\r\napi-key: s3cret-value\r\n") &&
                         Catch::Contains("\r\nContent-Length: 7\r\n") && Catch::EndsWith("\r\n\r\n[1,2,3]"));
}

TEST_CASE("bodies of every framing are read whole, and the connection is used again where that is possible") {
    const auto [name, bytes, body, reused] = GENERATE(table<std::string, std::string, std::string, bool>({
        {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true},
        {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
         "hello", true},
        {"no body", "HTTP/1.1 204 No Content\r\n\r\n", "", true},
        {"interim replies first",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true},
        {"until the end", "HTTP/1.1 200 OK\r\n\r\nhello", "hello", false},
        {"close is announced", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
         "hello", false},
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false},
        {"more than was asked for", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", "hello", false},
    }));
    INFO(name);
    Loop loop;
    RawServer server(loop, {{read_head(), send(bytes), close()}});
    auto client = client_of(loop, server.url());
    const auto result = loop.wait(client.send({}, in(late)));
    REQUIRE(result.has_value());
    CHECK(result.value().body == body);
    CHECK(client.idle_connections() == (reused ? 1 : 0));
    CHECK(client.open_connections() == client.idle_connections());
}

TEST_CASE("one connection serves many requests over TCP and over a Unix socket") {
    const bool local = GENERATE(false, true);
    Loop loop;
    const auto path = local ? "/tmp/halcyon-raw-" + std::to_string(::getpid()) + ".sock" : std::string{};
    RawServer server(
        loop,
        {{read_head(), reply(200, "1"), read_head(), reply(200, "2"), read_head(), reply(200, "3"), hold()}},
        path);
    auto client = client_of(loop, server.url());
    CHECK(client.origin() == server.url());
    for (const auto* body : {"1", "2", "3"}) CHECK(loop.wait(client.send({}, in(late))).value().body == body);
    CHECK(server.accepted() == 1);
}

TEST_CASE("a large body is read whole") {
    Loop loop;
    const std::string large(20 * MiB, 'v');
    RawServer server(loop, {{read_head(), reply(200, large), hold()}});
    auto client = client_of(loop, server.url());
    CHECK(loop.wait(client.send({}, in(late))).value().body == large);
}

TEST_CASE("idle connections are bounded in number and in age") {
    Loop loop;
    const Script once{read_head(), reply(200, ""), wait_end()};
    RawServer server(loop, {once, once, once});
    ClientOptions options;
    SECTION("none is kept") { options.idle = 0; }
    SECTION("none may rest") { options.idle_time = Duration::zero(); }
    auto client = client_of(loop, server.url(), options);
    for (int i = 0; i < 2; ++i) CHECK(loop.wait(client.send({}, in(late))).has_value());
    loop.until([&] { return server.ended(0) && server.ended(1); });
    CHECK(client.open_connections() == 0);
}

TEST_CASE("an idle connection that rested too long is not used again") {
    Loop loop;
    const Script once{read_head(), reply(200, ""), wait_end()};
    RawServer server(loop, {once, once});
    ClientOptions options;
    options.idle_time = std::chrono::nanoseconds(1);
    auto client = client_of(loop, server.url(), options);
    CHECK(loop.wait(client.send({}, in(late))).has_value());
    CHECK(loop.wait(client.send({}, in(late))).has_value());
    loop.until([&] { return server.ended(0); });
}

TEST_CASE("requests beyond the most connections wait in order of arrival") {
    Loop loop;
    Script many;
    for (int i = 0; i < 5; ++i) {
        many.push_back(read_head());
        many.push_back(reply(200, std::to_string(i)));
    }
    many.push_back(hold());
    RawServer server(loop, {many});
    ClientOptions options;
    options.connections = 1;
    auto client = client_of(loop, server.url(), options);
    std::vector<std::shared_ptr<Started<Result<net::Reply>>>> sent;
    for (int i = 0; i < 5; ++i)
        sent.push_back(loop.start(client.send({.target = "/" + std::to_string(i)}, in(late))));
    for (std::size_t i = 0; i < 5; ++i) CHECK(loop.wait(sent[i]).value().body == std::to_string(i));
    CHECK(server.accepted() == 1);
    std::size_t at = 0;
    for (int i = 0; i < 5; ++i) {
        at = server.received(0).find("GET /" + std::to_string(i), at);
        REQUIRE(at != std::string::npos);
    }
}

TEST_CASE("a request whose turn does not come before its deadline sends nothing") {
    Loop loop;
    RawServer server(loop, {{read_head(), hold()}});
    ClientOptions options;
    options.connections = 1;
    auto client = client_of(loop, server.url(), options);
    const auto first = loop.start(client.send({}, in(late)));
    const auto result = loop.wait(client.send({.method = "PUT"}, in(soon)));
    REQUIRE(result.has_error());
    CHECK(result.error().cause == Cause::timeout);
    CHECK(server.accepted() == 1);
    first->cancel();
    CHECK_THROWS(loop.wait(first));
}

TEST_CASE("several connections work at once") {
    Loop loop;
    const Script once{read_head(), read_bytes(1), reply(200, ""), hold()};
    RawServer server(loop, {{read_head(), hold()}, once, once});
    auto client = client_of(loop, server.url());
    const auto slow = loop.start(client.send({}, in(late)));
    loop.until([&] { return server.accepted() == 1; });
    const auto a = loop.start(client.send({}, in(late)));
    const auto b = loop.start(client.send({}, in(late)));
    CHECK(loop.wait(a).has_value());
    CHECK(loop.wait(b).has_value());
    CHECK_FALSE(slow->ended);
    slow->cancel();
    CHECK_THROWS(loop.wait(slow));
}

TEST_CASE("a redirect is refused with its location") {
    Loop loop;
    RawServer server(loop, {{read_head(), reply(307, "", "Location: https://elsewhere/\r\n"), hold()}});
    auto client = client_of(loop, server.url());
    const auto result = loop.wait(client.send({}, in(late)));
    REQUIRE(result.has_error());
    CHECK(result.error().verdict == Verdict::reject);
    CHECK_THAT(result.error().context, Catch::Contains("307") && Catch::Contains("https://elsewhere/"));
}

TEST_CASE("what would break the request's form is refused before anything is sent") {
    Loop loop;
    RawServer server(loop, {{read_head(), reply(200, "")}});
    auto client = client_of(loop, server.url());
    const auto request = GENERATE(values<Request>({
        {.target = "/a b"},
        {.target = "a"},
        {.target = "/a\r\nX: y"},
        {.method = "GET /"},
        {.method = ""},
        {.headers = {{"X", "a\r\nY: b"}}},
        {.headers = {{"X: y", "a"}}},
    }));
    const auto result = loop.wait(client.send(request, in(late)));
    REQUIRE(result.has_error());
    CHECK(result.error().verdict == Verdict::reject);
    CHECK(result.error().cause == Cause::invalid);
    CHECK(server.accepted() == 0);
}

TEST_CASE("a URL that can't be used is refused without repeating its secrets") {
    Loop loop;
    const std::string url = GENERATE("", "127.0.0.1:6333", "ftp://h", "http://", "http://user:hunter2@h",
                                     "http://h:0", "http://h:99999", "unix:relative", "unix://host/path",
                                     "http://h/?a=hunter2", "http://h/#x", "http://h h");
    INFO(url);
    const auto made = HttpClient::make(loop.executor(), url);
    REQUIRE(made.has_error());
    CHECK(made.error().verdict == Verdict::fatal);
    CHECK(made.error().cause == Cause::invalid);
    CHECK_THAT(made.error().context, !Catch::Contains("hunter2"));
}

TEST_CASE("a URL's origin is shown with its port") {
    Loop loop;
    CHECK(client_of(loop, "http://h/v1").origin() == "http://h:80");
    CHECK(client_of(loop, "https://h").origin() == "https://h:443");
    CHECK(client_of(loop, "http://[::1]:7/").origin() == "http://[::1]:7");
    CHECK(client_of(loop, "unix:///run/x.sock").origin() == "unix:/run/x.sock");
}

TEST_CASE("a client may be destroyed while a request is under way") {
    Loop loop;
    RawServer server(loop, {{read_head(), reply(200, "late"), hold()}});
    auto client = std::make_optional(client_of(loop, server.url()));
    const auto sent = loop.start(client->send({}, in(late)));
    client.reset();
    CHECK(loop.wait(sent).value().body == "late");
}
