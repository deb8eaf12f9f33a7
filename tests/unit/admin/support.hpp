// Requests to the routes as the server hands them over, and what comes back.
#pragma once

#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <string>

#include "admin/server.hpp"
#include "support/loop.hpp"
#include "support/scripted_sidecar.hpp"

namespace halcyon::admin {

inline const std::string viewer_token = "viewer-0123456789ab";
inline const std::string operator_token = "operator-0123456789";

inline AdminOptions with_tokens() {
    AdminOptions o;
    o.tokens = {{"eye", Role::viewer, viewer_token}, {"ops", Role::operator_, operator_token}};
    o.cors = {"https://ops.example.com"};
    return o;
}

/// GET /v1/documents?limit=5, with a loopback name as Host.
inline net::ServerRequest request(const std::string& method, const std::string& target,
                                  std::string body = "") {
    net::ServerRequest r{.method = method};
    const auto question = std::min(target.find('?'), target.size());
    r.path = target.substr(0, question);
    r.query = target.substr(std::min(question + 1, target.size()));
    r.headers.all = {{"Host", "127.0.0.1:8686"}};
    if (!body.empty()) r.headers.all.emplace_back("Content-Type", "application/json");
    r.body = std::move(body);
    return r;
}

inline net::ServerRequest with(net::ServerRequest r, const std::string& name, const std::string& value) {
    std::erase_if(r.headers.all, [&](const auto& h) { return h.first == name; });
    r.headers.all.emplace_back(name, value);
    return r;
}

inline net::ServerRequest as(const std::string& token, net::ServerRequest r) {
    return with(std::move(r), "Authorization", "Bearer " + token);
}

inline boost::json::object json_of(const net::ServerReply& reply) {
    INFO(reply.body);
    return boost::json::parse(reply.body).as_object();
}

inline std::string header(const net::ServerReply& reply, const std::string& name) {
    for (const auto& [n, value] : reply.headers)
        if (n == name) return value;
    return "";
}

/// A whole interface over scripted ports.
class Api {
  public:
    explicit Api(const AdminOptions& options = with_tokens())
        : handler(serve(all_routes(scripted.sidecar), options, "1.2.3")) {}

    net::ServerReply ask(net::ServerRequest r) { return loop.wait(handler(std::move(r))); }
    /// As operator.
    net::ServerReply ask(const std::string& method, const std::string& target, std::string body = "") {
        return ask(as(operator_token, request(method, target, std::move(body))));
    }
    void store(Commit commit) {
        REQUIRE(loop.wait(scripted.store.commit(std::move(commit), Durability::synced)).has_value());
    }

    test::ScriptedSidecar scripted;
    test::Loop loop;
    net::Handler handler;
};

/// A problem with that status that names that field.
inline void check_problem(const net::ServerReply& reply, unsigned status, const std::string& field) {
    INFO(reply.status << " " << reply.body);
    CHECK(reply.status == status);
    REQUIRE(reply.content_type == "application/problem+json");
    const auto body = json_of(reply);
    CHECK(body.at("status") == status);
    CHECK_FALSE(body.at("title").as_string().empty());
    CHECK((body.contains("field") ? body.at("field").as_string() : "") == field);
}

inline ReceiptKey key_of(const std::string& collection, const std::string& ns, const std::string& id) {
    return {CollectionName(collection), {Namespace::parse(ns).value(), DocId::parse(id).value()}};
}

inline Confirmed synced(const ReceiptKey& key, std::int64_t at = 1'764'000'000'000) {
    Receipt r;
    r.version = {1, {100, 1}, 0};
    r.text = {1, 2};
    r.payload = {3, 4};
    r.chunks = 1;
    r.at = {at};
    r.embeddings = 1;
    return {key, r, {}};
}

inline Owed owed(std::uint32_t attempts) {
    Owed o;
    o.version = {1, {200, 1}, 0};
    o.reason = attempts > 0 ? "HTTP 500: no" : "waited for qdrant";
    o.attempts = attempts;
    o.since = o.next_attempt = {1'764'000'100'000};
    if (attempts > 0) {
        o.code = ErrorCode::embedding_unavailable;
        o.last_attempt = {1'764'000'100'000};
    }
    return o;
}

inline DeadLetter letter() {
    DeadLetter l;
    l.version = {1, {300, 1}, 0};
    l.code = ErrorCode::embedding_rejected;
    l.reason = "HTTP 400: refused";
    l.payload = "{}";
    l.attempts = 1;
    l.first = l.last = {1'764'000'200'000};
    return l;
}

}  // namespace halcyon::admin
