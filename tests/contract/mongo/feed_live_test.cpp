// The change feed against servers that hold data: the development server (HALCYON_DEVSTACK) and a real
// replica set (HALCYON_TEST_MONGODB_URI).
#include <catch2/catch.hpp>
#include <set>

#include "contract/mongo/deployment.hpp"
#include "contract/mongo/harness.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

DocId id(const std::string& text) { return DocId::parse(text).value(); }

Position now(Deployment& d) {
    ReaderHarness r(options_for(d.uri()));
    const auto identity = r.loop.wait(r.reader.identify({}, r.soon()));
    if (!identity) throw std::runtime_error(describe(identity.error()));
    return {{}, identity.value().operation_time, false, false};
}

struct Story {
    Story(Deployment& d, std::vector<std::string> collections) : start(now(d)) {
        std::vector<Namespace> namespaces;
        for (auto& c : collections) namespaces.push_back({d.database(), std::move(c)});
        h.emplace(options_for(d.uri()), namespaces);
        const auto opened = h->open(start);
        INFO((opened ? "" : describe(opened.error())));
        REQUIRE(opened);
    }
    /// Events (not invalidations or look-ups that found nothing) until there are `count`.
    std::vector<FeedItem> tell(std::size_t count) {
        std::vector<FeedItem> out;
        while (out.size() < count)
            for (auto& item : h->events(1))
                // A stream that starts at a time begins with what happened at it: the test's own
                // preparations.
                if (!std::holds_alternative<Heartbeat>(item.what) && item.position.time > start.time)
                    out.push_back(std::move(item));
        return out;
    }
    Position start;
    std::optional<FeedHarness> h;
};

std::string update(const std::string& c, const std::string& q, const std::string& u) {
    return fmt::format(R"({{"update":"{}","updates":[{{"q":{},"u":{}}}]}})", c, q, u);
}
std::string remove(const std::string& c, const std::string& q) {
    return fmt::format(R"({{"delete":"{}","deletes":[{{"q":{},"limit":1}}]}})", c, q);
}

}  // namespace

TEST_CASE("live: writes arrive in order, with versions that rise and the whole document") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":0})");
        Story s(d, {"a"});
        d.insert("a", R"({"_id":1,"n":1})");
        d.insert("other", R"({"_id":1})");
        d.run(update("a", R"({"_id":1})", R"({"$set":{"n":2}})"));
        const auto two = s.tell(2);
        d.run(update("a", R"({"_id":1})", R"({"n":3})"));
        const auto third = s.tell(1);
        d.run(remove("a", R"({"_id":1})"));
        const auto fourth = s.tell(1);
        CHECK(change(two[0]).key.id == id("1"));
        CHECK(change(two[1]).document.to_json().find(R"("2")") != std::string::npos);
        CHECK(change(third[0]).document.to_json().find(R"("3")") != std::string::npos);
        CHECK(change(fourth[0]).kind == ChangeEvent::Kind::remove);
        CHECK(change(two[0]).version < change(two[1]).version);
        CHECK(change(two[1]).version < change(third[0]).version);
        CHECK(change(third[0]).version < change(fourth[0]).version);
        CHECK(change(two[0]).version.time > s.start.time);
    });
}

TEST_CASE("live: a transaction that touches a key twice has two versions of it in one cluster time") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":0})");
        Story s(d, {"a"});
        d.transaction({R"({"insert":"a","documents":[{"_id":1}]})",
                       update("a", R"({"_id":0})", R"({"$set":{"x":1}})"), remove("a", R"({"_id":1})")});
        const auto items = s.tell(3);
        CHECK(change(items[0]).key == change(items[2]).key);
        CHECK(change(items[0]).version.time == change(items[2]).version.time);
        CHECK(change(items[0]).version < change(items[1]).version);
        CHECK(change(items[1]).version < change(items[2]).version);
    });
}

TEST_CASE("live: from any position the rest arrives, all of it and once") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":0})");
        Story s(d, {"a"});
        for (int i = 1; i <= 4; ++i) d.insert("a", fmt::format(R"({{"_id":{}}})", i));
        d.transaction(
            {R"({"insert":"a","documents":[{"_id":5}]})", R"({"insert":"a","documents":[{"_id":6}]})"});
        const auto all = s.tell(6);
        for (std::size_t stop = 0; stop < all.size(); ++stop) {
            INFO("behind event " << stop);
            REQUIRE(s.h->open(all[stop].position));
            const auto rest = s.tell(all.size() - stop - 1);
            for (std::size_t i = 0; i < rest.size(); ++i) {
                CHECK(change(rest[i]).key == change(all[stop + 1 + i]).key);
                CHECK(change(rest[i]).version == change(all[stop + 1 + i]).version);
            }
        }
        // The time alone brings everything from it on.
        REQUIRE(s.h->open({{}, all[2].position.time, false, false}));
        CHECK(change(s.tell(1)[0]).key == change(all[2]).key);
    });
}

TEST_CASE("live: while only others write, the position moves on and can be taken up") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":0})");
        Story s(d, {"a"});
        for (int i = 0; i < 3; ++i) d.insert("other", fmt::format(R"({{"_id":{}}})", i));
        const auto target = now(d).time;
        Position last;
        while (last.time < target) {
            auto items = s.h->next();
            REQUIRE(items);
            last = items.value().back().position;
            if (last.time > s.start.time) CHECK_FALSE(last.of_event);
        }
        d.insert("a", R"({"_id":1})");
        REQUIRE(s.h->open(last));
        CHECK(change(s.tell(1)[0]).key.id == id("1"));
    });
}

TEST_CASE("live: drop, rename and $out are told, and what follows them arrives") {
    on_each_deployment([](Deployment& d) {
        for (const bool whole_database : {false, true}) {
            INFO("a stream of the " << (whole_database ? "database" : "collection"));
            const auto routed =
                whole_database ? std::vector<std::string>{"a", "z"} : std::vector<std::string>{"a"};
            d.insert("a", R"({"_id":0})");
            Story s(d, routed);
            d.run(R"({"drop":"a"})");
            d.insert("a", R"({"_id":1})");
            auto items = s.tell(2);
            CHECK(std::get<NamespaceGone>(items[0].what).reason == "drop");
            CHECK_FALSE(std::get<NamespaceGone>(items[0].what).rescan);
            CHECK(change(items[1]).key.id == id("1"));
            CHECK(std::get<NamespaceGone>(items[0].what).version < change(items[1]).version);

            d.run("admin", fmt::format(R"({{"renameCollection":"{0}.a","to":"{0}.b"}})", d.database()));
            d.insert("a", R"({"_id":2})");
            items = s.tell(2);
            CHECK(std::get<NamespaceGone>(items[0].what).reason == "rename");
            CHECK(change(items[1]).key.id == id("2"));

            d.run(R"({"aggregate":"b","pipeline":[{"$out":"a"}],"cursor":{}})");
            d.insert("a", R"({"_id":3})");
            items = s.tell(2);
            CHECK(std::get<NamespaceGone>(items[0].what).reason == "$out");
            CHECK(std::get<NamespaceGone>(items[0].what).rescan);
            CHECK(change(items[1]).key.id == id("3"));
            d.run(R"({"drop":"a"})");
            d.run(R"({"drop":"b"})");
        }
    });
}

TEST_CASE("live: a dropped database takes its routes along") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":0})");
        Story s(d, {"a", "b"});
        d.run(R"({"dropDatabase":1})");
        for (;;) {
            const auto items = s.tell(1);
            const auto& gone = std::get<NamespaceGone>(items[0].what);
            if (gone.reason == "drop") continue;
            CHECK(gone.reason == "dropDatabase");
            CHECK(gone.ns == Namespace{d.database(), ""});
            break;
        }
        d.insert("a", R"({"_id":1})");
        CHECK(change(s.tell(1)[0]).key.id == id("1"));
    });
}

TEST_CASE("live: every type of _id comes back as the same key from stream, scan and look-up") {
    on_each_deployment([](Deployment& d) {
        const std::vector<std::string> ids{
            R"(null)",
            R"({"$numberDouble":"-1.5"})",
            R"(0)",
            R"({"$numberLong":"2"})",
            R"({"$numberDouble":"5.0"})",
            R"({"$numberDecimal":"3.5"})",
            R"("")",
            R"("a")",
            R"("5")",
            R"({"a":1})",
            R"({"b":[1]})",
            R"({"$binary":{"base64":"AQI=","subType":"00"}})",
            R"({"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAABQ==","subType":"04"}})",
            R"({"$oid":"000000000000000000000001"})",
            R"(false)",
            R"(true)",
            R"({"$date":{"$numberLong":"1577836800000"}})",
            R"({"$timestamp":{"t":5,"i":6}})"};
        d.insert("other", R"({"_id":0})");
        Story s(d, {"a"});
        std::vector<DocId> keys;
        for (const auto& one : ids) {
            const auto document = fmt::format(R"({{"_id":{}}})", one);
            d.insert("a", document);
            keys.push_back(DocId::of(bson(document)).value());
        }
        const auto items = s.tell(ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) CHECK(change(items[i]).key.id == keys[i]);

        ReaderHarness r(options_for(d.uri()));
        auto asked = keys;
        asked.push_back(id("\"absent\""));
        const auto found = r.loop.wait(r.reader.lookup({d.database(), "a"}, asked, {}, r.soon()));
        REQUIRE(found);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            INFO(ids[i]);
            CHECK(found.value().documents[i]);
        }
        CHECK_FALSE(found.value().documents.back());
        CHECK(found.value().at >= items.back().position.time);
    });
}

TEST_CASE("live: documents of 16 MB and updates of them arrive") {
    on_each_deployment([](Deployment& d) {
        d.insert("other", R"({"_id":0})");
        Story s(d, {"a"});
        d.insert("a", fmt::format(R"({{"_id":1,"p":"{}"}})", std::string(16'000'000, 'x')));
        CHECK(change(s.tell(1)[0]).document.size() > 16'000'000);
        d.run(update("a", R"({"_id":1})",
                     fmt::format(R"({{"$set":{{"p":"{}"}}}})", std::string(15'900'000, 'y'))));
        const auto items = s.tell(1);
        CHECK((change(items[0]).needs_read || change(items[0]).document.size() > 15'000'000));
        d.insert("a", R"({"_id":2})");
        CHECK(change(s.tell(1)[0]).key.id == id("2"));
    });
}

TEST_CASE("live: events of every size around the limit arrive, whole, in fragments or by key") {
    for (const char* version : {"4.2.8", "6.0.8", "6.0.9", "8.0.0"}) {
        const auto d = Deployment::devstack({"--server-version", version, "--event-bytes", "3000"});
        if (!d) return;
        INFO(version);
        const bool can_split = version != std::string("4.2.8") && version != std::string("6.0.8");
        // The name is in the event and not in its token, so that there are sizes at which only the whole is
        // too large.
        const std::string name = "a" + std::string(180, 'n');
        d->insert("other", R"({"_id":0})");
        Story s(*d, {name});
        const std::size_t smallest = 2000;
        constexpr std::size_t step = 40, count = 30;
        std::set<std::string> seen;
        std::size_t whole = 0, split = 0, by_key = 0;
        std::vector<Position> behind_split;
        ClusterTime last = s.start.time;
        // One at a time: of several a large one takes those before it along, to be read by key.
        const auto read = [&] {
            auto items = s.tell(1);
            // A stream that is taken up behind a split event tells it once more.
            while (items[0].position.time == last) items = s.tell(1);
            last = items[0].position.time;
            const auto& e = change(items[0]);
            seen.insert(e.key.id.json());
            if (e.needs_read)
                ++by_key;
            else if (items[0].position.of_event)
                ++whole;
            else {
                ++split;
                behind_split.push_back(items[0].position);
                CHECK(e.document.size() > smallest);
            }
        };
        for (std::size_t i = 0; i < count; ++i) {
            d->insert(name,
                      fmt::format(R"({{"_id":{},"p":"{}"}})", i, std::string(smallest + i * step, 'x')));
            read();
            if (i % 3 != 0) continue;
            d->run(update(name, fmt::format(R"({{"_id":{}}})", i), R"({"$set":{"q":1}})"));
            read();
        }
        CHECK(seen.size() == count);
        CHECK(whole > 5);
        CHECK(by_key > 3);
        CHECK((split > 1) == can_split);
        // What comes behind a split event is reached from its position, which is its time.
        for (const auto& p : behind_split) {
            CHECK(p.token.empty());
            REQUIRE(s.h->open(p));
            CHECK(s.h->events(2).back().position.time > p.time);
        }
    }
}

TEST_CASE("live: closing while idle is prompt") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":0})");
        FeedHarness h(options_for(d.uri(), std::chrono::milliseconds(500)), {{d.database(), "a"}});
        REQUIRE(h.open(now(d)));
        auto waiting = h.loop.start(h.feed->next(1));
        // So that it is idle: earlier would be prompt, too.
        h.loop.wait(h.clock.sleep(std::chrono::milliseconds(50)));
        waiting->cancel();
        h.loop.until([&] { return waiting->ended; });
        const auto before = std::chrono::steady_clock::now();
        h.loop.wait(h.feed->close());
        CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(1));
    });
}

TEST_CASE("live: a user of one database may watch it and not the deployment") {
    const auto d = Deployment::devstack({"--user", "root:root:root@admin", "--user", "ann:s3cr3t:read@shop"},
                                        "root:root@");
    if (!d) return;
    auto uri = d->uri();
    uri.replace(uri.find("root:root"), 9, "ann:s3cr3t");
    uri += "&authSource=shop";
    {
        FeedHarness h(options_for(uri), {{"shop", "a"}, {"shop", "b"}});
        const auto opened = h.open();
        INFO((opened ? "" : describe(opened.error())));
        CHECK(opened);
    }
    {
        FeedHarness h(options_for(uri), {{"shop", "a"}, {"other", "b"}});
        const auto opened = h.open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().cause == Cause::unauthorized);
        CHECK(opened.error().context.find("readAnyDatabase") != std::string::npos);
    }
    ReaderHarness r(options_for(uri));
    const auto history = r.loop.wait(r.reader.history(r.soon()));
    REQUIRE_FALSE(history);
    CHECK(history.error().cause == Cause::unauthorized);
    const auto identity = r.loop.wait(r.reader.identify({{"shop", "a"}}, r.soon()));
    REQUIRE(identity);
    CHECK(identity.value().deployment == "rs0");
    const auto scan = r.loop.wait(r.reader.scan({"other", "x"}, {}, {}, r.soon()));
    REQUIRE_FALSE(scan);
    CHECK(scan.error().cause == Cause::unauthorized);
}

TEST_CASE("live: a stand-alone server is refused with advice") {
    const auto d = Deployment::devstack({"--standalone"});
    if (!d) return;
    FeedHarness h(options_for(d->uri()), {{"shop", "a"}});
    const auto opened = h.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().verdict == Verdict::fatal);
    CHECK(opened.error().context.find("rs.initiate()") != std::string::npos);
}

TEST_CASE("live: a history that is lost leads down the ladder") {
    for (const char* code : {"136", "286"}) {
        const auto d = Deployment::devstack({"--oplog-bytes", "20000", "--history-lost-code", code});
        if (!d) return;
        INFO(code);
        d->insert("a", R"({"_id":0})");
        const auto old = now(*d);
        Story s(*d, {"a"});
        d->insert("a", R"({"_id":1})");
        const auto event = s.tell(1);
        for (int i = 0; i < 60; ++i)
            d->insert("b", fmt::format(R"({{"_id":{},"p":"{}"}})", i, std::string(1000, 'x')));
        for (const auto& position : {old, event[0].position}) {
            const auto opened = s.h->open(position);
            const auto error = opened ? s.h->failure() : opened.error();
            CHECK(error.verdict == Verdict::resync);
            CHECK(error.cause == Cause::history_lost);
        }
    }
}
