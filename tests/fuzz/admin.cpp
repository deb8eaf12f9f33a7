// What a client may send to the HTTP interface: whatever comes, the reply is one that is described, JSON in
// UTF-8, without an exception, and nobody acts who may not. Front: who sends it (1 byte: nobody, a viewer, an
// operator, the Unix socket), then the stream of requests.
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>

#include "admin/server.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/stream.hpp"
#include "net/message.hpp"
#include "support/scripted_sidecar.hpp"

namespace halcyon::fuzz {
namespace {

using Step = net::RequestReader::Step;

const std::string viewer_token = "viewer-0123456789ab", operator_token = "operator-0123456789";

Task<bool> stored(testing::MemoryStore* store, Commit commit) {
    co_return (co_await store->commit(std::move(commit), Durability::synced)).has_value();
}

struct World {
    World() {
        admin::AdminOptions options;
        options.tokens = {{"eye", admin::Role::viewer, viewer_token},
                          {"ops", admin::Role::operator_, operator_token}};
        options.cors = {"https://ops.example.com"};
        handler = admin::serve(admin::all_routes(scripted.sidecar), options, "1.2.3");
        Commit commit;
        const auto key = [](const char* id) {
            return ReceiptKey{CollectionName("products"), {{"shop", "products"}, DocId::parse(id).value()}};
        };
        Receipt held;
        held.version = {1, {1, 1}, 0};
        held.chunks = 1;
        held.at = {1'764'000'000'000};
        commit.receipts = {{key("1"), held, {}}};
        Owed owed;
        owed.version = {1, {2, 1}, 0};
        owed.attempts = 1;
        owed.code = ErrorCode::unknown;
        commit.owed = {{key("2"), owed}};
        commit.dead = {{key("3"), {}}};
        HOLDS(finish(loop, stored(&scripted.store, std::move(commit))));
    }
    /// What was done to the flow, documents and jobs so far.
    std::size_t acts() const {
        const auto& p = scripted.ports;
        return p.acts.size() + p.retried.size() + p.runs.size() + p.dropped.size() + p.started.size();
    }

    net::asio::io_context loop;
    test::ScriptedSidecar scripted;
    net::Handler handler;
};

/// The next request of the connection, as the server hands it over.
Task<std::optional<net::ServerRequest>> next(net::RequestReader* reader) {
    if (co_await reader->begin() != Step::ok || co_await reader->head() != Step::ok) co_return std::nullopt;
    auto head = reader->take_head();
    if (co_await reader->body() != Step::ok || !head.target.starts_with('/')) co_return std::nullopt;
    net::ServerRequest request{.method = std::move(head.method)};
    const auto question = std::min(head.target.find('?'), head.target.size());
    request.path = head.target.substr(0, question);
    request.query = head.target.substr(std::min(question + 1, head.target.size()));
    request.headers = std::move(head.headers);
    request.body = reader->take_body();
    co_return request;
}

bool is_valid(const net::ServerReply& reply) {
    if (reply.status == 204 || reply.status == 304) return reply.body.empty();
    if (reply.content_type != "application/json" && reply.content_type != "application/problem+json")
        return true;
    boost::system::error_code ec;
    const auto body = boost::json::parse(reply.body, ec);  // refuses what is no UTF-8
    if (ec || !body.is_object()) return false;
    return reply.content_type == "application/json" || body.as_object().at("status") == reply.status;
}

}  // namespace

void run(Input input) {
    enum : unsigned { nobody, viewer, operator_, local };
    const auto who = input.choice(4);
    World world;
    GivenStream stream(world.loop, input.rest(), 0);
    net::RequestReader reader(stream, {.header_bytes = 8 * 1024, .body_bytes = 64 * 1024});
    while (auto request = finish(world.loop, next(&reader))) {
        request->local = who == local;
        // Before those that came, so that it counts.
        if (who == viewer)
            request->headers.all.insert(request->headers.all.begin(), {"X-Api-Key", viewer_token});
        if (who == operator_)
            request->headers.all.insert(request->headers.all.begin(),
                                        {"Authorization", "Bearer " + operator_token});
        bool may_act = who >= operator_;
        for (const auto* name : {"Authorization", "X-Api-Key", "Sec-WebSocket-Protocol"})
            may_act = may_act || request->headers.find(name).has_value();
        const auto method = request->method;
        const auto before = world.acts();
        const auto reply = finish(world.loop, world.handler(std::move(*request)));
        HOLDS(reply.status >= 200 && reply.status < 600);
        HOLDS(reply.status < 500 || reply.status == 503);
        HOLDS(is_valid(reply));
        // Only who was let in has acted, and only by POST.
        if (world.acts() != before) HOLDS(may_act && method == "POST" && reply.status < 300);
    }
}

}  // namespace halcyon::fuzz
