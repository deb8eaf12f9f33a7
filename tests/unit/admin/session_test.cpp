// What a client of the telemetry is told, round by round.
#include "admin/telemetry/session.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "unit/admin/telemetry_messages.hpp"

using namespace halcyon;
using namespace std::chrono_literals;
using admin::Session;
using admin::Topic;
namespace json = boost::json;

namespace {

/// A session and a world that a test changes; time goes by when it is told to.
struct Telling {
    explicit Telling(admin::Role role = admin::Role::viewer) : session("1.2.3", role, now) {
        snapshot.overview.collections.emplace_back();
        snapshot.overview.collections[0].name = "products";
        snapshot.now = {1'700'000'000'000};
    }

    Instant now{1h};
    api::Snapshot snapshot;
    std::vector<Job> jobs;
    admin::Sources sources;
    Session session;
    testing::TelemetryReader reader;

    void say(const std::string& text) { REQUIRE(session.hear(text, sources, now)); }
    void subscribe(const std::string& topics, const std::string& more = "") {
        say(R"({"type":"subscribe","topics":[)" + topics + "]" + more + "}");
    }
    /// All that is to be sent now.
    std::size_t drain() {
        if (session.round(now)) sources.board.update(snapshot, jobs);
        std::size_t sent = 0;
        while (auto message = session.next(sources, now, snapshot.now)) {
            reader.take(*message);
            ++sent;
        }
        return sent;
    }
    std::size_t after(Duration d) {
        now += d;
        snapshot.now.ms += d / 1ms;
        return drain();
    }
    void event(Happened what, const std::string& collection = "products",
               const std::string& ns = "shop.products") {
        const DocumentKey key{Namespace::parse(ns).value(), DocId::parse("5").value()};
        sources.events.put(key, {{1'700'000'000'000}, CollectionName(collection), what, {1, {2, 3}, 4}});
    }
};

}  // namespace

TEST_CASE("hello comes first and says what there is") {
    Telling t(admin::Role::operator_);
    CHECK(t.drain() == 1);
    const auto& hello = t.reader.last("hello");
    CHECK(hello.at("protocol") == 1);
    CHECK(hello.at("version") == "1.2.3");
    CHECK(hello.at("role") == "operator");
    CHECK(hello.at("topics").as_array().size() == 6);
}

TEST_CASE("who says nothing gets pipeline, collections and jobs at 1 Hz after two seconds") {
    Telling t;
    t.drain();
    CHECK(t.after(1900ms) == 0);
    CHECK(t.after(100ms) == 3);
    CHECK(t.reader.state.contains("pipeline"));
    CHECK(t.reader.state.contains("collections"));
    CHECK(t.reader.state.contains("jobs"));
    REQUIRE(t.session.subscription());
    CHECK(t.session.subscription()->period == 1s);
}

TEST_CASE("a subscription is answered at once with snapshots, then with what changed") {
    Telling t;
    t.subscribe(R"("pipeline","collections","jobs","fanout")");
    CHECK(t.drain() == 5);
    CHECK(t.reader.count("snapshot") == 4);
    t.snapshot.overview.events = 7;
    t.snapshot.overview.collections[0].stats.upserted = 3;
    CHECK(t.after(1s) == 2);
    CHECK(json::serialize(t.reader.last("delta").at("data")) == R"({"products":{"upserted":3}})");
    CHECK(t.reader.state["pipeline"].at("events") == 7);
    CHECK(t.reader.state["fanout"].at("targets").as_object().empty());
}

TEST_CASE("a topic that did not change is not told; a tick comes each second instead") {
    Telling t;
    t.subscribe(R"("collections")", R"(,"hz":10)");
    CHECK(t.drain() == 2);
    for (int i = 1; i <= 8; ++i) CHECK(t.after(100ms) == 0);
    CHECK(t.after(100ms) + t.after(100ms) == 1);
    CHECK(t.reader.count("tick") == 1);
}

TEST_CASE("who wants less than one round a second is not ticked more often") {
    Telling t;
    t.subscribe(R"("collections")", R"(,"hz":0.2)");
    t.drain();
    for (int i = 0; i < 20; ++i) t.after(1s);
    CHECK(t.reader.count("tick") >= 3);
    CHECK(t.reader.count("tick") <= 4);
}

TEST_CASE("rounds of clients with the same period fall together") {
    Telling a, b;
    a.subscribe(R"("jobs")", R"(,"hz":4)");
    a.drain();
    b.now += 130ms;
    b.subscribe(R"("jobs")", R"(,"hz":4)");
    b.drain();
    CHECK(a.session.due() == b.session.due());
    CHECK(a.session.due() - a.now <= 250ms);
}

TEST_CASE("what is gone and what is not known is taken out of the state") {
    Telling t;
    t.snapshot.overview.lag = 12ms;
    t.snapshot.overview.held = {{"max_embeddings:products", "more?"}};
    t.snapshot.overview.routes = {{"shop.products", "products", "scanning", 5, 10}};
    t.subscribe(R"("pipeline","jobs")");
    t.jobs.resize(1);
    t.jobs[0].id = "a";
    t.drain();
    CHECK(t.reader.state["pipeline"].at("lag_ms") == 12);
    CHECK(t.reader.state["pipeline"].at("held").at("max_embeddings:products") == "more?");
    CHECK(t.reader.state["pipeline"].at("routes").at("shop.products -> products").at("scanned") == 5);
    CHECK(t.reader.state["jobs"].at("a").at("state") == "running");
    CHECK_FALSE(t.reader.state["jobs"].at("a").as_object().contains("result"));
    t.snapshot.overview.lag.reset();
    t.snapshot.overview.held.clear();
    t.jobs.clear();
    t.after(1s);
    CHECK_FALSE(t.reader.state["pipeline"].as_object().contains("lag_ms"));
    CHECK(t.reader.state["pipeline"].at("held").as_object().empty());
    CHECK(t.reader.state["jobs"].as_object().empty());
}

TEST_CASE("jobs that go on are all told, of those that ended the newest ten") {
    Telling t;
    for (int i = 0; i < 40; ++i) {
        t.jobs.emplace_back();
        t.jobs.back().id = std::to_string(100 + i);
        t.jobs.back().state = i % 2 == 0 ? JobState::done : JobState::paused;
    }
    t.subscribe(R"("jobs")");
    t.drain();
    CHECK(t.reader.state["jobs"].as_object().size() == 30);
    CHECK(t.reader.state["jobs"].as_object().contains("118"));
    CHECK_FALSE(t.reader.state["jobs"].as_object().contains("120"));
}

TEST_CASE("a slow client is told the newest state in one message") {
    Telling t;
    t.subscribe(R"("collections")", R"(,"hz":10)");
    t.drain();
    for (int i = 0; i < 40; ++i) {
        // Others look at the board meanwhile.
        t.snapshot.overview.collections[0].stats.upserted = static_cast<std::uint64_t>(i + 1);
        t.sources.board.update(t.snapshot, {});
    }
    CHECK(t.after(4s) == 1);
    CHECK(t.reader.last("delta").at("data").at("products").at("upserted") == 40);
}

TEST_CASE("a client that knows too old a state gets a snapshot, and memory stays bounded") {
    Telling slow;
    admin::Board& board = slow.sources.board;
    slow.subscribe(R"("collections")");
    slow.drain();
    std::vector<admin::Board::KnownPtr> others(60);
    for (std::size_t i = 0; i < others.size(); ++i) {
        slow.snapshot.overview.collections[0].stats.upserted = i + 1;
        board.update(slow.snapshot, {});
        CHECK(board.news(Topic::collections, others[i]));
    }
    CHECK(slow.after(1s) == 1);
    CHECK(slow.reader.count("snapshot") == 2);
    CHECK(slow.reader.state["collections"].at("products").at("upserted") == 60);
    std::size_t deltas = 0;
    for (auto& known : others) {
        const auto news = board.news(Topic::collections, known);
        if (news) deltas += news->find(R"("type":"delta")") != std::string::npos;
    }
    CHECK(deltas == admin::Board::kept);
}

TEST_CASE("clients that know the same are told with the same text, made once") {
    Telling t;
    auto& board = t.sources.board;
    board.update(t.snapshot, {});
    admin::Board::KnownPtr a, b;
    CHECK(board.news(Topic::collections, a) == board.news(Topic::collections, b));
    t.snapshot.overview.collections[0].stats.upserted = 1;
    board.update(t.snapshot, {});
    const auto first = board.news(Topic::collections, a);
    REQUIRE(first);
    CHECK(first == board.news(Topic::collections, b));
    CHECK_FALSE(board.news(Topic::collections, a));
}

TEST_CASE("a state that came back is not told") {
    Telling t;
    t.subscribe(R"("collections")", R"(,"hz":10)");
    t.drain();
    t.snapshot.overview.collections[0].stats.upserted = 1;
    t.sources.board.update(t.snapshot, {});
    t.snapshot.overview.collections[0].stats.upserted = 0;
    CHECK(t.after(100ms) == 0);
}

TEST_CASE("events are told as they happened, from the subscription on") {
    Telling t;
    t.event(Happened::changed);
    t.subscribe(R"("events")");
    t.drain();
    CHECK(t.reader.count("events") == 0);
    t.event(Happened::embedded_and_written);
    t.event(Happened::failed, "other");
    t.after(1s);
    const auto& m = t.reader.last("events");
    CHECK(m.at("skipped") == 0);
    REQUIRE(m.at("data").as_array().size() == 2);
    const auto& row = m.at("data").at(0);
    CHECK(row.at("namespace") == "shop.products");
    CHECK(row.at("id") == R"({"$numberLong":"5"})");
    CHECK(row.at("collection") == "products");
    CHECK(row.at("what") == "embedded_and_written");
    CHECK(row.at("version").as_string() == (Version{1, {2, 3}, 4}).text());
}

TEST_CASE("of a flood of events the newest fifty are told and the others counted") {
    Telling t;
    t.subscribe(R"("events")");
    t.drain();
    for (int i = 0; i < 1000; ++i) t.event(Happened::changed);
    t.event(Happened::failed);
    t.after(1s);
    CHECK(t.reader.last("events").at("data").as_array().size() == 50);
    CHECK(t.reader.last("events").at("data").at(49).at("what") == "failed");
    CHECK(t.reader.last("events").at("skipped") == 951);
}

TEST_CASE("a filter of events finds what is rare in a flood") {
    Telling t;
    t.subscribe(R"("events")", R"(,"events":{"what":["failed","buried"],"collection":"products"})");
    t.drain();
    t.event(Happened::failed);
    t.event(Happened::failed, "other");
    for (int i = 0; i < 1000; ++i) t.event(Happened::changed);
    t.after(1s);
    const auto& m = t.reader.last("events");
    CHECK(m.at("data").as_array().size() == 1);
    CHECK(m.at("skipped") == 0);
    t.subscribe(R"("events")", R"(,"events":{"namespace":"shop.articles"})");
    t.event(Happened::owed);
    t.event(Happened::owed, "products", "shop.articles");
    t.after(1s);
    CHECK(t.reader.last("events").at("data").as_array().size() == 1);
    CHECK(t.reader.last("events").at("data").at(0).at("namespace") == "shop.articles");
}

TEST_CASE("log lines come from the level on that was asked for, cut and valid") {
    Telling t;
    t.subscribe(R"("log")", R"(,"log":{"level":"warn"})");
    t.drain();
    t.sources.log.put(log::Level::info, "run", "unasked", {1});
    t.sources.log.put(log::Level::error, "run", std::string(5000, 'x') + "\xff", {2});
    t.sources.log.put(log::Level::warn, "run", "bad \xff byte", {3});
    t.after(1s);
    const auto& rows = t.reader.last("log").at("data").as_array();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("level") == "error");
    CHECK(rows[0].at("message").as_string().size() == 2003);
    CHECK(rows[1].at("message") == "bad \xef\xbf\xbd byte");
    CHECK(rows[1].at("at") == "1970-01-01T00:00:00.003Z");
}

TEST_CASE("a new subscription replaces the old one and begins with snapshots") {
    Telling t;
    t.subscribe(R"("pipeline","events")");
    t.drain();
    t.event(Happened::owed);
    t.subscribe(R"("collections","events")", R"(,"hz":2)");
    CHECK(t.drain() == 2);
    CHECK(t.reader.last("snapshot").at("topic") == "collections");
    CHECK(t.reader.last("events").at("data").as_array().size() == 1);
    t.snapshot.overview.events = 1;
    CHECK(t.after(500ms) == 0);
}

TEST_CASE("pings are answered with their id, before anything else") {
    Telling t;
    t.drain();
    t.subscribe(R"("jobs")");
    t.say(R"({"type":"ping","id":{"a":[1]}})");
    t.say(R"({"type":"ping"})");
    CHECK(t.drain() == 3);
    CHECK(t.reader.messages[1].at("id").at("a").at(0) == 1);
    CHECK_FALSE(t.reader.messages[2].contains("id"));
}

TEST_CASE("what a client says wrong is answered with a problem that names the field") {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"", ""},
        {"5", ""},
        {R"({"type":)", ""},
        {R"({})", "type"},
        {R"({"type":"shout"})", "type"},
        {R"({"type":"subscribe"})", "topics"},
        {R"({"type":"subscribe","topics":"jobs"})", "topics"},
        {R"({"type":"subscribe","topics":["job"]})", "topics"},
        {R"({"type":"subscribe","topics":[1]})", "topics"},
        {R"({"type":"subscribe","topics":[],"hz":0})", "hz"},
        {R"({"type":"subscribe","topics":[],"hz":"1"})", "hz"},
        {R"({"type":"subscribe","topics":[],"hz":10.5})", "hz"},
        {R"({"type":"subscribe","topics":[],"rate":1})", "rate"},
        {R"({"type":"subscribe","topics":[],"events":[]})", "events"},
        {R"({"type":"subscribe","topics":[],"events":{"id":1}})", "events.id"},
        {R"({"type":"subscribe","topics":[],"events":{"what":["lost"]}})", "events.what"},
        {R"({"type":"subscribe","topics":[],"events":{"what":"failed"}})", "events.what"},
        {R"({"type":"subscribe","topics":[],"events":{"collection":1}})", "events.collection"},
        {R"({"type":"subscribe","topics":[],"log":{"level":"loud"}})", "log.level"},
        {R"({"type":"ping","text":1})", "text"},
        {R"({"type":"ping","id":")" + std::string(300, 'x') + "\"}", "id"},
    };
    for (const auto& [text, field] : wrong) {
        Telling t;
        t.drain();
        t.say(text);
        CAPTURE(text);
        CHECK(t.drain() == 1);
        const auto& problem = t.reader.last("error").at("problem").as_object();
        CHECK(problem.at("status") == 400);
        CHECK((problem.contains("field") ? problem.at("field") : "") == json::value(field));
        CHECK_FALSE(t.session.subscription());
    }
}

TEST_CASE("a wrong subscription leaves the one before in force") {
    Telling t;
    t.subscribe(R"("jobs")", R"(,"hz":5)");
    t.say(R"({"type":"subscribe","topics":["job"]})");
    REQUIRE(t.session.subscription());
    CHECK(t.session.subscription()->period == 200ms);
}

TEST_CASE("who asks and does not take the answers is sent away") {
    Telling t;
    bool good = true;
    std::size_t asked = 0;
    while (good && asked < 100) {
        good = t.session.hear(R"({"type":"ping"})", t.sources, t.now);
        ++asked;
    }
    CHECK(asked == Session::most_answers);
}
