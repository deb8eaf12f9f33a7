#include "devstack/qdrant/server.hpp"

#include <chrono>
#include <utility>

#include "devstack/qdrant/service.hpp"

namespace halcyon::devstack {
namespace {

HttpReply fault_reply(const Fault& fault) {
    HttpReply reply =
        qdrant::Service::error(fault.status, fault.message.empty() ? "injected" : fault.message);
    if (!fault.body.empty()) reply.body = fault.body;
    for (const auto& header : fault.headers) reply.headers.push_back(header);
    return reply;
}

HttpOptions http_options(const QdrantOptions& options) {
    HttpOptions http;
    http.bind = options.bind;
    http.port = options.port;
    http.body_limit = 32 * 1024 * 1024;
    http.too_large = [](std::uint64_t length, std::uint64_t limit) {
        return qdrant::Service::error(
            400, "JSON payload (" + std::to_string(length) +
                     " bytes) is larger than allowed (limit: " + std::to_string(limit) + " bytes).");
    };
    return http;
}

}  // namespace

struct QdrantServer::Impl : std::enable_shared_from_this<Impl> {
    Impl(const QdrantOptions& options, Faults& shared) : service(options.api_key), faults(shared) {}

    HttpReply serve(const HttpRequest& request, qdrant::Answer answer = qdrant::Answer::honest) {
        HttpReply reply = service.handle(request, answer);
        if (const auto points = service.take_upserted()) faults.count("qdrant", "points_upserted", points);
        return reply;
    }

    void handle(HttpRequest request, const std::shared_ptr<HttpExchange>& exchange) {
        const auto fault = faults.fire("qdrant", request.method + " " + request.target, request.body);
        if (!fault) return exchange->reply(serve(request));
        const auto later = [&](auto then) {
            exchange->after(fault->ms, [self = shared_from_this(), exchange, request, then] {
                then(*self, *exchange, request);
            });
        };
        const auto apply = [](Impl& self, HttpExchange&, const HttpRequest& r) { self.serve(r); };
        using enum FaultAction;
        switch (fault->action) {
            case close_before:
                return exchange->drop();
            case close_after:
                serve(request);
                return exchange->drop();
            case delay:
                return later(
                    [reply = serve(request)](Impl&, HttpExchange& e, const HttpRequest&) { e.reply(reply); });
            case delay_before:
                return later(
                    [](Impl& self, HttpExchange& e, const HttpRequest& r) { e.reply(self.serve(r)); });
            case error:
                return exchange->reply(fault_reply(*fault));
            case error_after:
                serve(request);
                return exchange->reply(fault_reply(*fault));
            case hang_after:
                serve(request);
                [[fallthrough]];
            case hang:
                hanging.push_back(exchange);
                return faults.tell(*fault);
            case pass:
                exchange->reply(serve(request));
                return faults.tell(*fault);
            case down:
                return http->down(fault->ms);
            case late:
                later(apply);
                return exchange->drop();
            case acknowledged:
            case wait_timeout: {
                if (!qdrant::Service::is_write(request)) return exchange->reply(serve(request));
                later(apply);
                return exchange->reply(serve(request, fault->action == acknowledged
                                                          ? qdrant::Answer::acknowledged
                                                          : qdrant::Answer::wait_timeout));
            }
        }
    }

    qdrant::Service service;
    Faults& faults;
    std::vector<std::shared_ptr<HttpExchange>> hanging;
    std::unique_ptr<HttpServer> http;
};

QdrantServer::QdrantServer(boost::asio::io_context& loop, const QdrantOptions& options, Faults& faults)
    : impl_(std::make_shared<Impl>(options, faults)) {
    impl_->http = std::make_unique<HttpServer>(
        loop, http_options(options),
        [weak = std::weak_ptr(impl_)](HttpRequest request, const std::shared_ptr<HttpExchange>& exchange) {
            if (const auto self = weak.lock()) self->handle(std::move(request), exchange);
        });
}
QdrantServer::~QdrantServer() { stop(); }

std::uint16_t QdrantServer::port() const { return impl_->http->port(); }

void QdrantServer::stop() {
    impl_->http->stop();
    impl_->hanging.clear();
}

std::optional<HttpReply> QdrantServer::control(const HttpRequest& request) {
    const qdrant::Target target(request.target);
    const auto& parts = target.parts;
    if (parts.size() < 2 || parts[0] != "qdrant") return std::nullopt;
    HttpReply reply;
    reply.body = "{\"ok\":true}";
    if (request.method == "POST" && parts.size() == 2 && parts[1] == "cut") {
        impl_->http->cut();
        return reply;
    }
    if (request.method == "POST" && parts.size() == 2 && parts[1] == "down") {
        const std::string* ms = target.parameter("ms");
        impl_->http->down(std::chrono::milliseconds(ms ? std::stol(*ms) : 1000));
        return reply;
    }
    if (parts.size() < 3 || parts[1] != "collections") return std::nullopt;
    if (parts.size() == 4 && parts[3] == "points" && request.method == "GET") {
        if (!impl_->service.database().exists(parts[2]))
            return qdrant::Service::error(404, "no such collection");
        reply.body = qdrant::all_points_json(impl_->service.database().get(parts[2]));
        return reply;
    }
    if (parts.size() == 3 && request.method == "DELETE") {
        const bool there = impl_->service.database().remove(parts[2]);
        reply.body = there ? "{\"forgotten\":true}" : "{\"forgotten\":false}";
        return reply;
    }
    return std::nullopt;
}

}  // namespace halcyon::devstack
