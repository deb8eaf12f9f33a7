// A small HTTP/1.1 server for the development servers. Beast stays in http.cpp.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halcyon::devstack {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method;  // "GET", "PUT", ..
    std::string target;  // path and query as sent, undecoded
    HttpHeaders headers;
    std::string body;

    std::string_view path() const;
    // Empty where there is no such header; the name is compared without case.
    std::string_view header(std::string_view name) const;
};

struct HttpReply {
    unsigned status = 200;
    std::string body;
    std::string type = "application/json";
    HttpHeaders headers;
    bool close = false;  // close the connection after the reply
};

// One request that waits for its answer. `reply` or `drop` is called once, at any time, on the loop's thread;
// an exchange that is let go without either counts as dropped. Calls after the connection is gone do nothing.
class HttpExchange {
  public:
    virtual ~HttpExchange() = default;
    virtual void reply(HttpReply reply) = 0;
    // Closes the connection without an answer.
    virtual void drop() = 0;
    // Calls `then` on the loop after the delay; keeps the exchange alive until then.
    virtual void after(std::chrono::milliseconds delay, std::function<void()> then) = 0;
};

using HttpHandler = std::function<void(HttpRequest request, std::shared_ptr<HttpExchange> exchange)>;

struct HttpOptions {
    std::string bind = "127.0.0.1";
    std::uint16_t port = 0;  // 0: one that is free
    std::uint64_t body_limit =
        32 * 1024 * 1024;  // bytes; larger is answered by too_large and closed before it is read
    // Gets the announced length (0 where the body was chunked) and the limit. Default: 413.
    std::function<HttpReply(std::uint64_t length, std::uint64_t limit)> too_large;
    // The answer to what is no HTTP. Default: 400 without a body.
    std::function<HttpReply(const std::string& reason)> malformed;
};

// Threads: everything, the handler too, runs on the io_context's one thread.
class HttpServer {
  public:
    // Binds and listens; throws boost::system::system_error when it can't.
    HttpServer(boost::asio::io_context& loop, HttpOptions options, HttpHandler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::uint16_t port() const;
    // Refuses connections and cuts the open ones, for so long; the port is the same afterwards.
    void down(std::chrono::milliseconds time);
    // Cuts every connection; new ones are welcome.
    void cut();
    // Stops listening and cuts every connection. Idempotent.
    void stop();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace halcyon::devstack
