// The sinks that the contract is held against.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "contract/qdrant/qdrant_double.hpp"
#include "net/client/http_client.hpp"
#include "qdrant/qdrant.hpp"
#include "support/loop.hpp"
#include "support/scripted_sink.hpp"

namespace halcyon::test {

/// The fake that other tests use.
class ScriptedWorld {
  public:
    bool skipped() const { return false; }
    Sink& sink() { return sink_; }
    WriterMarks& marks() { return sink_; }
    Loop& loop() { return loop_; }
    CollectionName name() const { return CollectionName("products"); }
    void plain(const CollectionName& name, unsigned dimension) { sink_.plain(name, dimension); }
    void drop(const CollectionName& name) { sink_.drop(name); }

  private:
    Loop loop_;
    ScriptedSink sink_;
};

/// The adapter against a server at some URL. What it makes there is removed at the end.
class RestWorld {
  public:
    explicit RestWorld(std::shared_ptr<Loop> loop) : loop_(std::move(loop)) {}
    RestWorld(const RestWorld&) = delete;
    RestWorld& operator=(const RestWorld&) = delete;
    ~RestWorld() {
        if (!client_) return;
        for (const auto& suffix : {"", "__1"}) call("DELETE", "/collections/" + name_ + suffix, {});
    }

    Sink& sink() { return *services_->sink; }
    WriterMarks& marks() { return *services_->marks; }
    qdrant::Search& search() { return *services_->search; }
    Loop& loop() { return *loop_; }
    CollectionName name() const { return CollectionName(name_); }
    void plain(const CollectionName& name, unsigned dimension) {
        call("PUT", "/collections/" + name.value(),
             "{\"vectors\":{\"size\":" + std::to_string(dimension) + ",\"distance\":\"Cosine\"}}");
    }
    void drop(const CollectionName& name) { call("DELETE", "/collections/" + name.value() + "__1", {}); }

  protected:
    void connect(qdrant::Options options) {
        net::ClientOptions client;
        if (!options.api_key.empty()) client.headers.emplace_back("api-key", options.api_key);
        auto made = net::HttpClient::make(loop_->executor(), options.url, client);
        if (!made) throw std::runtime_error(describe(made.error()));
        client_ = std::make_unique<net::HttpClient>(std::move(made).value());
        services_ = std::make_unique<qdrant::Services>(
            qdrant::make_services(loop_->executor(), clock_, random_, std::move(options)).value());
    }

  private:
    void call(std::string method, std::string target, std::string body) {
        net::Request request{
            .method = std::move(method), .target = std::move(target), .body = std::move(body)};
        if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
        const auto reply = loop_->wait(client_->send(std::move(request), in(std::chrono::seconds(20))));
        if (!reply) throw std::runtime_error(describe(reply.error()));
    }

    std::shared_ptr<Loop> loop_;
    async::SystemClock clock_;
    SeededRandom random_{entropy_seed()};
    std::string name_ = "halcyon_test_" + std::to_string(random_.next());
    std::unique_ptr<net::HttpClient> client_;
    std::unique_ptr<qdrant::Services> services_;
};

struct DevelopmentServer {
    std::shared_ptr<Loop> its_loop = std::make_shared<Loop>();
    QdrantDouble its_server{*its_loop};
};

/// The adapter against the development server's engine in this process.
class DevelopmentWorld : private DevelopmentServer, public RestWorld {
  public:
    DevelopmentWorld() : RestWorld(its_loop) {
        qdrant::Options options;
        options.url = its_server.url();
        connect(std::move(options));
    }
    bool skipped() const { return false; }
};

/// The adapter against a server that is named in the environment (a real Qdrant, or halcyon-devstack).
class NamedWorld : public RestWorld {
  public:
    NamedWorld() : RestWorld(std::make_shared<Loop>()) {
        const auto* url = std::getenv("HALCYON_TEST_QDRANT_URL");
        if (!url) return;
        found_ = true;
        const auto* key = std::getenv("HALCYON_TEST_QDRANT_API_KEY");
        qdrant::Options options;
        options.url = url;
        options.api_key = key ? key : "";
        connect(std::move(options));
    }
    bool skipped() const { return !found_; }

  private:
    bool found_ = false;
};

}  // namespace halcyon::test
