// Connections to the telemetry: what they share, and how they end.
#include "admin/telemetry/telemetry.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <thread>

#include "async/waiter.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "support/loop.hpp"
#include "support/memory_store.hpp"
#include "support/scripted_sidecar.hpp"
#include "unit/admin/telemetry_messages.hpp"

using namespace halcyon;
using namespace std::chrono_literals;

namespace {

/// The server's end of a websocket whose peer is the test.
class GivenSocket final : public net::WebSocket {
  public:
    explicit GivenSocket(async::Executor executor) : said_(executor), taken_(executor), shut_(executor) {}

    // What the peer does.
    void say(std::string text) {
        incoming_.push_back(std::move(text));
        said_.fire();
    }
    void leave() {
        gone_ = true;
        said_.fire();
        taken_.fire();
        shut_.fire();
    }
    bool takes = true;
    testing::TelemetryReader reader;
    std::uint16_t closed_with = 0;
    std::string reason;

    Task<std::optional<std::string>> receive() override {
        while (incoming_.empty() && !gone_) co_await said_.wait();
        if (gone_) co_return std::nullopt;
        auto text = std::move(incoming_.front());
        incoming_.pop_front();
        co_return text;
    }
    Task<bool> send(std::string_view text) override {
        if (gone_) co_return false;
        if (!takes) co_await taken_.wait();
        if (gone_) co_return false;
        reader.take(std::string(text));
        co_return true;
    }
    Task<> close(std::uint16_t code, std::string_view why) override {
        closed_with = code;
        reason = why;
        if (!takes && !gone_) co_await shut_.wait();
        leave();
    }
    bool open() const override { return !gone_; }

  private:
    std::deque<std::string> incoming_;
    async::Waiter said_, taken_, shut_;
    bool gone_ = false;
};

struct Server {
    explicit Server(admin::TelemetryOptions options = {}) : telemetry(sidecar, options) {
        ports.shown.collections.emplace_back();
        ports.shown.collections[0].name = "products";
    }
    ~Server() {
        for (auto& s : sockets) s->leave();
        loop.until([&] { return telemetry.clients() == 0; });
    }

    GivenSocket& connect() {
        auto socket = std::make_shared<GivenSocket>(loop.executor());
        sockets.push_back(socket);
        ended.push_back(loop.start(telemetry.serve(socket, admin::Role::viewer)));
        return *socket;
    }
    GivenSocket& subscribed(const std::string& topics, const std::string& hz = "10") {
        auto& socket = connect();
        socket.say(R"({"type":"subscribe","topics":[)" + topics + R"(],"hz":)" + hz + "}");
        loop.until([&] { return !socket.reader.messages.empty(); });
        return socket;
    }

    test::Loop loop;
    async::SystemClock clock;
    SeededRandom random{1};
    test::ScriptedPorts ports;
    testing::MemoryStore store{clock, random, {.commit = {}, .read = {}}};
    admin::Sidecar sidecar{ports, ports, ports, ports, store, clock, {}, {.version = "1.2.3"}};
    admin::Telemetry telemetry;
    std::vector<std::shared_ptr<GivenSocket>> sockets;
    std::vector<std::shared_ptr<test::Started<void>>> ended;
};

}  // namespace

TEST_CASE("a client is greeted, told the state, and told what changes") {
    Server s;
    auto& client = s.subscribed(R"("collections")");
    s.loop.until([&] { return client.reader.state.contains("collections"); });
    CHECK(client.reader.messages[0].at("type") == "hello");
    s.ports.shown.collections[0].stats.upserted = 9;
    s.loop.until([&] { return client.reader.count("delta") > 0; });
    CHECK(client.reader.state["collections"].at("products").at("upserted") == 9);
    client.say(R"({"type":"ping","id":7})");
    s.loop.until([&] { return client.reader.count("pong") == 1; });
    client.say("nonsense");
    s.loop.until([&] { return client.reader.count("error") == 1; });
}

TEST_CASE("two hundred clients cost no more looks than the fastest of them") {
    Server s;
    for (int i = 0; i < 200; ++i) s.subscribed(R"("pipeline","collections")", i == 0 ? "5" : "1");
    const auto all_ticked = [&](std::size_t times) {
        return [&s, times] {
            for (const auto& c : s.sockets)
                if (c->reader.count("tick") < times) return false;
            return true;
        };
    };
    s.loop.until(all_ticked(1));
    const auto began = s.clock.now();
    const auto looks = s.ports.looks;
    s.loop.until(all_ticked(3));
    const auto seconds = std::chrono::duration<double>(s.clock.now() - began).count();
    CHECK(s.ports.looks - looks <= 5 * seconds + 2);
}

TEST_CASE("events are listened to while somebody wants them, and only then") {
    Server s;
    auto& plain = s.subscribed(R"("pipeline")");
    CHECK_FALSE(s.ports.tail);
    auto& first = s.subscribed(R"("events")");
    auto& second = s.subscribed(R"("events")");
    s.loop.until([&] { return bool(s.ports.tail); });
    const DocumentKey key{Namespace::parse("shop.products").value(), DocId::parse("5").value()};
    s.ports.tail(key, {{1}, CollectionName("products"), Happened::failed, {}});
    s.loop.until([&] { return first.reader.count("events") == 1 && second.reader.count("events") == 1; });
    CHECK(plain.reader.count("events") == 0);
    first.leave();
    second.say(R"({"type":"subscribe","topics":["jobs"]})");
    s.loop.until([&] { return !s.ports.tail; });
}

TEST_CASE("log lines of any thread reach whoever asked for them") {
    Server s;
    auto& client = s.subscribed(R"("log")");
    bool told = false;
    s.loop.until([&] {
        // The subscription is taken a moment after the greeting.
        if (!told) std::thread([] { log::warn("test", "said by a thread"); }).join();
        told = client.reader.count("log") > 0;
        return told;
    });
    const auto& row = client.reader.last("log").at("data").at(0);
    CHECK(row.at("component") == "test");
    CHECK(row.at("message") == "said by a thread");
    CHECK(row.at("level") == "warn");
}

TEST_CASE("a client that takes nothing is sent away, and others do not notice") {
    Server s({.slow_time = 150ms});
    auto& slow = s.subscribed(R"("collections")");
    auto& quick = s.subscribed(R"("collections")");
    slow.takes = false;
    s.ports.shown.collections[0].stats.upserted = 1;
    s.loop.until([&] { return slow.closed_with != 0; });
    CHECK(slow.closed_with == 1013);
    CHECK(slow.reason == "too slow");
    s.ports.shown.collections[0].stats.upserted = 2;
    s.loop.until([&] {
        return quick.reader.state.contains("collections") &&
               quick.reader.state["collections"].at("products").at("upserted") == 2;
    });
    CHECK(s.telemetry.clients() == 2);
    slow.leave();
    s.loop.until([&] { return s.telemetry.clients() == 1; });
}

TEST_CASE("a client that floods us with questions is sent away") {
    Server s;
    auto& client = s.connect();
    client.takes = false;
    for (int i = 0; i < 100; ++i) client.say(R"({"type":"ping"})");
    s.loop.until([&] { return client.closed_with != 0; });
    CHECK(client.closed_with == 1008);
}

TEST_CASE("whoever looks for all may go in the middle of it") {
    Server s;
    auto& first = s.subscribed(R"("collections")");
    auto& second = s.subscribed(R"("collections")");
    s.ended[0]->cancel();
    s.loop.until([&] { return s.ended[0]->ended; });
    first.leave();
    const auto ticks = second.reader.count("tick");
    s.loop.until([&] { return second.reader.count("tick") > ticks; });
}

TEST_CASE("a stop ends every connection, and nothing is listened to any more") {
    Server s;
    for (int i = 0; i < 5; ++i) s.subscribed(R"("events","log","pipeline")");
    for (auto& e : s.ended) e->cancel();
    s.loop.until([&] { return s.telemetry.clients() == 0; });
    CHECK_FALSE(s.ports.tail);
}

TEST_CASE("the route asks for a websocket, and selects our subprotocol where it is offered") {
    Server s;
    admin::AdminOptions options;
    options.tokens = {{"eye", admin::Role::viewer, "viewer-0123456789ab"}};
    const auto routes = admin::telemetry_routes(s.telemetry, options);
    REQUIRE(routes.size() == 1);
    CHECK(routes[0].needs == admin::Role::viewer);
    net::ServerRequest request{.method = "GET", .path = "/v1/telemetry"};
    auto reply = s.loop.wait(routes[0].handler(request));
    CHECK(reply.upgrade);
    CHECK(reply.protocol.empty());
    request.headers.all.emplace_back("Sec-WebSocket-Protocol", "halcyon.v1, token.YWJj");
    CHECK(s.loop.wait(routes[0].handler(request)).protocol == "halcyon.v1");
}
