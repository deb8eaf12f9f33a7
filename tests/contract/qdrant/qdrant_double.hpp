// A Qdrant in this process: the development server's engine behind HTTP, with a log of what it was asked and
// answers that a test wants instead of the true ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devstack/http.hpp"
#include "devstack/qdrant/service.hpp"
#include "support/loop.hpp"

namespace halcyon::test {

/// What a request meets.
struct Act {
    enum class Kind {
        reply,        // `reply` instead of the service
        drop_before,  // the connection closes, nothing took effect
        drop_after,   // it takes effect, then the connection closes
        hold,         // no answer, nothing takes effect
    };
    Kind kind = Kind::reply;
    devstack::HttpReply reply{};
};

class QdrantDouble {
  public:
    explicit QdrantDouble(Loop& loop, std::string api_key = {})
        : service_(std::move(api_key)),
          server_(loop.executor().context(), {},
                  [this](devstack::HttpRequest request, std::shared_ptr<devstack::HttpExchange> exchange) {
                      serve(std::move(request), std::move(exchange));
                  }) {}

    /// Every request goes to the file HALCYON_QDRANT_REQUESTS, if there
    /// is one: tests/integration/qdrant_openapi holds them against Qdrant's description.
    ~QdrantDouble() {
        const auto* path = std::getenv("HALCYON_QDRANT_REQUESTS");
        if (!path) return;
        std::ofstream file(path, std::ios::app);
        for (auto& request : all_) {
            std::replace(request.body.begin(), request.body.end(), '\n', ' ');
            file << line(request) << '\t' << (request.body.empty() ? "null" : request.body) << '\n';
        }
    }
    QdrantDouble(const QdrantDouble&) = delete;
    QdrantDouble& operator=(const QdrantDouble&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    /// The next request whose "METHOD /target" begins with `prefix` meets `act`; in order of the calls.
    void once(std::string prefix, Act act) { acts_.push_back({std::move(prefix), std::move(act)}); }
    void once(std::string prefix, unsigned status, std::string body, devstack::HttpHeaders headers = {}) {
        Act act;
        act.reply.status = status;
        act.reply.body = std::move(body);
        act.reply.headers = std::move(headers);
        once(std::move(prefix), std::move(act));
    }
    /// All of "METHOD /target" that began with `prefix`, in order.
    std::vector<devstack::HttpRequest> seen(std::string_view prefix = {}) const {
        std::vector<devstack::HttpRequest> found;
        for (const auto& request : log_)
            if (line(request).starts_with(prefix)) found.push_back(request);
        return found;
    }
    void forget() { log_.clear(); }
    void stop() { server_.stop(); }
    /// Every act was met.
    bool played() const { return acts_.empty(); }

  private:
    struct Planned {
        std::string prefix;
        Act act;
    };
    static std::string line(const devstack::HttpRequest& request) {
        return request.method + " " + request.target;
    }

    void serve(devstack::HttpRequest request, std::shared_ptr<devstack::HttpExchange> exchange) {
        log_.push_back(request);
        all_.push_back(request);
        std::optional<Act> act;
        for (auto at = acts_.begin(); at != acts_.end(); ++at) {
            if (!line(request).starts_with(at->prefix)) continue;
            act = std::move(at->act);
            acts_.erase(at);
            break;
        }
        if (!act) return exchange->reply(service_.handle(request));
        switch (act->kind) {
            case Act::Kind::reply:
                return exchange->reply(std::move(act->reply));
            case Act::Kind::drop_before:
                return exchange->drop();
            case Act::Kind::drop_after:
                service_.handle(request);
                return exchange->drop();
            case Act::Kind::hold:
                held_.push_back(std::move(exchange));
                return;
        }
    }

    devstack::qdrant::Service service_;
    std::deque<Planned> acts_;
    std::vector<devstack::HttpRequest> log_;
    std::vector<devstack::HttpRequest> all_;
    std::vector<std::shared_ptr<devstack::HttpExchange>> held_;
    devstack::HttpServer server_;
};

}  // namespace halcyon::test
