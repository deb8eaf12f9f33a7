#include <catch2/catch.hpp>

#include "base/log.hpp"
#include "contract/net/raw_client.hpp"
#include "contract/net/serving.hpp"
#include "support/certificate.hpp"

using namespace halcyon;
using namespace halcyon::test;
using namespace std::string_literals;
using net::ServerReply;
using net::ServerRequest;

namespace {

constexpr auto late = std::chrono::milliseconds(10'000);

Task<ServerReply> tells(ServerRequest request) {
    if (request.path == "/bug") throw std::runtime_error("it broke");
    ServerReply reply{200, fmt::format("{} {} {} {}", request.id, request.peer, request.local, request.tls)};
    if (request.path == "/file") reply.fixed_body = "embedded";
    if (request.path == "/unchanged") reply.status = 304;
    co_return reply;
}

std::string said(Loop& loop, std::uint16_t port, const std::string& bytes) {
    auto client = loop.wait(RawClient::to(port));
    loop.wait(client.send(bytes));
    return loop.wait(client.all());
}

/// The value of X-Request-Id in a reply; empty if it is not there once.
std::string id_in(const std::string& reply) {
    constexpr std::string_view name = "X-Request-Id: ";
    const auto at = reply.find(name);
    if (at == reply.npos || reply.find(name, at + 1) != reply.npos) return {};
    return reply.substr(at + name.size(), reply.find("\r\n", at) - at - name.size());
}

}  // namespace

TEST_CASE("heads that two readers could take for different requests are refused") {
    const auto [name, head] = GENERATE(table<std::string, std::string>({
        {"length twice", "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"},
        {"length as a list", "PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na"},
        {"length with a sign", "PUT / HTTP/1.1\r\nContent-Length: +1\r\n\r\na"},
        {"negative length", "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\na"},
        {"length beyond 64 bits", "PUT / HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\na"},
        {"coding and length",
         "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
        {"length and coding",
         "PUT / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"coding twice",
         "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"another coding", "PUT / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n"},
        {"coding before chunked", "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        {"coding behind chunked", "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n"},
        {"coding in HTTP/1.0", "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"folded field", "GET / HTTP/1.1\r\nX: a\r\n b: c\r\n\r\n"},
        {"folded with a tab", "GET / HTTP/1.1\r\nX: a\r\n\tb: c\r\n\r\n"},
        {"space before the fields", "GET / HTTP/1.1\r\n X: a\r\n\r\n"},
        {"space before the colon", "PUT / HTTP/1.1\r\nContent-Length : 1\r\n\r\na"},
        {"NUL in a value", "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n"s},
        {"NUL in the target", "GET /\0 HTTP/1.1\r\n\r\n"s},
        {"a bare line feed", "GET / HTTP/1.1\nX: a\n\n\r\n\r\n"},
        {"a bare carriage return", "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n"},
        {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        {"absolute target", "GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
        {"authority as target", "CONNECT elsewhere:443 HTTP/1.1\r\nConnection: close\r\n\r\n"},
        {"another version", "GET / HTTP/2.0\r\n\r\n"},
        {"HTTP/2 with prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"a chunk that is no number", "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"},
    }));
    INFO(name);
    Loop loop;
    std::vector<std::string> handled;
    Serving serving(loop, [&](ServerRequest request) {
        handled.push_back(request.path);
        return echo(std::move(request));
    });
    serving.start();
    auto client = loop.wait(RawClient::to(serving.port()));
    // What a smuggler would hide behind it is never answered.
    loop.wait(client.send(head + "GET /smuggled HTTP/1.1\r\nConnection: close\r\n\r\n"));
    const auto reply = loop.wait(client.head());
    client.close();
    CHECK_THAT(reply, Catch::StartsWith("HTTP/1.1 400 ") && Catch::Contains("Connection: close"));
    CHECK_FALSE(id_in(reply).empty());
    loop.until([&] { return serving.server().connections() == 0; });
    CHECK(handled.empty());
}

TEST_CASE("a request has the client's id if that is fit for a log, or else a new one") {
    Loop loop;
    Serving serving(loop, tells);
    serving.start();
    const auto ask = [&](const std::string& id) {
        return said(loop, serving.port(), "GET / HTTP/1.1\r\n" + id + "Connection: close\r\n\r\n");
    };
    const auto given = ask("X-Request-Id: trace_1.a-B\r\n");
    CHECK(id_in(given) == "trace_1.a-B");
    CHECK_THAT(given, Catch::EndsWith("trace_1.a-B 127.0.0.1 false false"));
    const auto made = ask("");
    CHECK(id_in(made).size() == 16);
    CHECK_THAT(made, Catch::Contains("\r\n\r\n" + id_in(made) + " "));
    CHECK(id_in(ask("")) != id_in(made));
    for (const std::string& bad :
         {std::string("a b"), std::string("a\"b"), std::string(65, 'a'), std::string()})
        CHECK(id_in(ask("X-Request-Id: " + bad + "\r\n")).size() == 16);
}

TEST_CASE("the log of a bug and its reply bear the same id") {
    std::vector<std::string> lines;
    log::start(
        {.listener = [&](log::Level, std::string_view, std::string_view m) { lines.emplace_back(m); }});
    Loop loop;
    Serving serving(loop, tells);
    serving.start();
    const auto reply = said(loop, serving.port(),
                            "GET /bug?a=1 HTTP/1.1\r\nX-Request-Id: find-me\r\nConnection: close\r\n\r\n");
    log::stop();
    CHECK_THAT(reply, Catch::StartsWith("HTTP/1.1 500 "));
    CHECK(id_in(reply) == "find-me");
    CHECK(lines == std::vector<std::string>{"GET /bug (request find-me): it broke"});
}

TEST_CASE("a handler sees from where and over what a request came") {
    Loop loop;
    TemporaryFolder folder;
    Serving serving(loop, tells);
    const auto cert = make_certificate(folder, "server", "DNS:localhost");
    const auto tls = serving.server().listen_tls("127.0.0.1:0", cert.certificate_file, cert.key_file);
    REQUIRE(tls.has_value());
    REQUIRE(serving.server().listen_unix(folder.file("s.sock")).has_value());
    const auto both = serving.server().listen_tcp("[::]:0");
    serving.start();
    const auto ask = [&](const std::string& url) {
        auto client = client_for(loop, url, {.ca_file = cert.certificate_file});
        const auto reply = loop.wait(client.send({.headers = {{"X-Request-Id", "i"}}}, in(late)));
        return reply.has_value() ? reply.value().body : describe(reply.error());
    };
    CHECK(ask(serving.url()) == "i 127.0.0.1 false false");
    CHECK(ask(fmt::format("https://localhost:{}", tls.value())) == "i 127.0.0.1 false true");
    CHECK(ask("unix:" + folder.file("s.sock")) == "i unix true false");
    if (!both.has_value()) {
        WARN("SKIPPED: there is no IPv6 here");
        return;
    }
    CHECK(ask(fmt::format("http://127.0.0.1:{}", both.value())) == "i 127.0.0.1 false false");
}

TEST_CASE("a fixed body is sent like another one, and not to HEAD or with 304") {
    Loop loop;
    Serving serving(loop, tells);
    serving.start();
    const auto ask = [&](const std::string& line) {
        return said(loop, serving.port(), line + " HTTP/1.1\r\nConnection: close\r\n\r\n");
    };
    CHECK_THAT(ask("GET /file"),
               Catch::Contains("Content-Length: 8\r\n") && Catch::EndsWith("\r\n\r\nembedded"));
    CHECK_THAT(ask("HEAD /file"), Catch::Contains("Content-Length: 8\r\n") && Catch::EndsWith("\r\n\r\n"));
    CHECK_THAT(ask("GET /unchanged"), Catch::StartsWith("HTTP/1.1 304 ") && Catch::EndsWith("\r\n\r\n") &&
                                          !Catch::Contains("Content-Length"));
}
