// A server of ours on the loop of a test.
#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "net/client/http_client.hpp"
#include "net/server/http_server.hpp"
#include "net/server/router.hpp"
#include "support/loop.hpp"

namespace halcyon::test {

class Serving {
  public:
    Serving(Loop& loop, net::Handler handler, net::ServerOptions options = {})
        : loop_(loop), server_(loop.executor(), options, std::move(handler)) {
        const auto listening = server_.listen_tcp("127.0.0.1:0");
        REQUIRE(listening.has_value());
        port_ = listening.value();
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
    ~Serving() {
        if (!served_) return;
        server_.stop(in(std::chrono::milliseconds(0)));
        loop_.until([this] { return served_->ended; });
    }

    net::HttpServer& server() { return server_; }
    void start() { served_ = loop_.start(server_.serve()); }
    bool ended() const { return served_->ended; }
    std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
    std::uint16_t port() const { return port_; }

  private:
    Loop& loop_;
    net::HttpServer server_;
    std::uint16_t port_ = 0;
    std::shared_ptr<Started<void>> served_;
};

inline net::HttpClient client_for(Loop& loop, const std::string& url, net::ClientOptions options = {}) {
    auto made = net::HttpClient::make(loop.executor(), url, std::move(options));
    REQUIRE(made.has_value());
    return std::move(made.value());
}

/// Answers with what it was asked.
inline Task<net::ServerReply> echo(net::ServerRequest request) {
    co_return net::ServerReply{
        200, fmt::format("{} {}?{} {}", request.method, request.path, request.query, request.body),
        "text/plain"};
}

}  // namespace halcyon::test
