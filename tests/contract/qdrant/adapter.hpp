// The adapter against a Qdrant in this process that can be told what to answer.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "contract/qdrant/qdrant_double.hpp"
#include "net/client/http_client.hpp"
#include "qdrant/qdrant.hpp"
#include "support/loop.hpp"
#include "unit/qdrant/samples.hpp"

namespace halcyon::test {

struct Adapter {
    explicit Adapter(qdrant::Options options = {}) {
        options.url = server.url();
        services = std::make_unique<qdrant::Services>(
            qdrant::make_services(loop.executor(), clock, random, std::move(options)).value());
    }

    Deadline soon() const { return in(std::chrono::seconds(30)); }
    CollectionSpec spec() const {
        CollectionSpec s;
        s.name = products;
        s.dimension = 4;
        return s;
    }
    CollectionState ensured(const CollectionSpec& s) {
        auto state = loop.wait(services->sink->ensure(s, soon()));
        if (!state) FAIL(describe(state.error()));
        return std::move(state).value();
    }
    CollectionState ensured() { return ensured(spec()); }
    std::vector<SinkOutcome> apply(std::vector<SinkOperation> operations, Deadline deadline) {
        return loop.wait(services->sink->apply(products, std::move(operations), deadline));
    }
    std::vector<SinkOutcome> apply(std::vector<SinkOperation> operations) {
        return apply(std::move(operations), soon());
    }
    HeldDocument held(const DocumentKey& key) {
        auto documents = loop.wait(services->sink->lookup(products, {key}, soon()));
        if (!documents) FAIL(describe(documents.error()));
        return std::move(documents.value().at(0));
    }
    /// A request beside the adapter; the reply's body. REQUIRES: status 200.
    std::string raw(std::string method, std::string target, std::string body = {}) {
        net::Request request{
            .method = std::move(method), .target = std::move(target), .body = std::move(body)};
        if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
        auto client = net::HttpClient::make(loop.executor(), server.url());
        REQUIRE(client);
        auto reply = loop.wait(client.value().send(std::move(request), soon()));
        REQUIRE(reply);
        INFO(reply.value().body);
        REQUIRE(reply.value().status == 200);
        return std::move(reply.value().body);
    }
    SinkOperation upsert(int id, std::uint32_t chunks = 1) const {
        return qdrant::samples::upsert(products, qdrant::samples::key(std::to_string(id)), chunks);
    }
    SinkOperation payload(int id) const {
        const auto key = qdrant::samples::key(std::to_string(id));
        SinkOperation operation;
        operation.payloads.push_back({point(id), R"({"name":"desk"})", qdrant::samples::provenance(key)});
        return operation;
    }
    PointId point(int id, std::uint32_t chunk = 0) const {
        return point_id(SourceName("mongodb"), products, qdrant::samples::key(std::to_string(id)), chunk);
    }

    CollectionName products{"products"};
    Loop loop;
    QdrantDouble server{loop};
    async::SystemClock clock;
    SeededRandom random{1};
    std::unique_ptr<qdrant::Services> services;
};

inline void failed(const SinkOutcome& outcome, Verdict verdict, Cause cause) {
    REQUIRE_FALSE(outcome);
    INFO(describe(outcome.error()));
    CHECK(to_string(outcome.error().verdict) == to_string(verdict));
    CHECK(to_string(outcome.error().cause) == to_string(cause));
}

}  // namespace halcyon::test
