// What a client may send to the HTTP interface: whatever comes, the reply is one that is described, JSON in
// UTF-8, without an exception, and nobody acts who may not. Front: who sends it (1 byte: nobody, a viewer, an
// operator, the Unix socket), then the stream of requests.
#include <boost/json.hpp>
#include <memory>
#include <string>

#include "admin/server.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/served.hpp"
#include "support/scripted_sidecar.hpp"

namespace halcyon::fuzz {
namespace {

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
        net::asio::io_context loop{1};
        HOLDS(finish(loop, stored(&scripted.store, std::move(commit))));
    }
    /// What was done to the flow, documents and jobs so far.
    std::size_t acts() const {
        const auto& p = scripted.ports;
        return p.acts.size() + p.retried.size() + p.runs.size() + p.dropped.size() + p.started.size();
    }

    test::ScriptedSidecar scripted;
    net::Handler handler;
    std::size_t unanswered = 0;  // requests of which an exception came, or nothing
};

bool is_valid(const net::ServerReply& reply) {
    if (reply.status == 204 || reply.status == 304) return reply.body.empty();
    if (reply.content_type != "application/json" && reply.content_type != "application/problem+json")
        return true;
    boost::system::error_code ec;
    const auto body = boost::json::parse(reply.body, ec);  // refuses what is no UTF-8
    if (ec || !body.is_object()) return false;
    return reply.content_type == "application/json" || body.as_object().at("status") == reply.status;
}

enum Who : unsigned { nobody, viewer, operator_, local };

/// Lets the request in as whoever it is, and judges what came of it.
Task<net::ServerReply> judged(World* world, unsigned who, net::ServerRequest request) {
    auto& headers = request.headers.all;
    // Before those that came, so that it counts.
    if (who == viewer) headers.insert(headers.begin(), {"X-Api-Key", viewer_token});
    if (who == operator_) headers.insert(headers.begin(), {"Authorization", "Bearer " + operator_token});
    bool may_act = who >= operator_;
    for (const auto* name : {"Authorization", "X-Api-Key", "Sec-WebSocket-Protocol"})
        may_act = may_act || request.headers.find(name).has_value();
    const auto method = request.method;
    const auto before = world->acts();
    ++world->unanswered;
    auto reply = co_await world->handler(std::move(request));
    --world->unanswered;
    HOLDS(reply.status >= 200 && reply.status < 600);
    HOLDS(reply.status < 500 || reply.status == 503);
    HOLDS(is_valid(reply));
    // Only who was let in has acted, and only by POST.
    if (world->acts() != before) HOLDS(may_act && method == "POST" && reply.status < 300);
    co_return reply;
}

}  // namespace

void run(Input input) {
    const auto who = input.choice(4);
    World world;
    net::Service service{.options = {.header_bytes = 8 * 1024, .body_bytes = 64 * 1024},
                         .handler = [&](net::ServerRequest r) { return judged(&world, who, std::move(r)); }};
    static_cast<void>(served(service, input.rest(), 0, who == local));
    // The server makes a reply of an exception, too.
    HOLDS(world.unanswered == 0);
}

}  // namespace halcyon::fuzz
