// The scripted feed keeps the port's contract, so that what is tested against it holds against the real one.
#include <catch2/catch.hpp>

#include "support/loop.hpp"
#include "support/scripted_feed.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

ChangeEvent event(int n) {
    return {{{"shop", "a"}, DocId::parse(std::to_string(n)).value()},
            ChangeEvent::Kind::upsert,
            {},
            {0, {static_cast<std::uint32_t>(n), 0}, 0},
            {},
            false};
}

}  // namespace

TEST_CASE("scripted: from any position the rest arrives, all of it and once") {
    Loop loop;
    ScriptedFeed feed(loop.executor());
    for (int i = 1; i <= 4; ++i) feed.add(static_cast<std::uint32_t>(i), event(i));
    for (std::uint32_t stop = 0; stop < 4; ++stop) {
        REQUIRE(loop.wait(feed.open(ScriptedFeed::at(stop), {})));
        std::vector<FeedItem> rest;
        while (rest.size() < 4 - stop) {
            auto items = loop.wait(feed.next(2));
            REQUIRE(items);
            for (auto& item : items.value()) rest.push_back(std::move(item));
        }
        for (std::uint32_t i = 0; i < rest.size(); ++i)
            CHECK(rest[i].position == ScriptedFeed::at(stop + i + 1));
    }
    // The time alone brings everything from it on.
    REQUIRE(loop.wait(feed.open({{}, {2, 0}, false, false}, {})));
    CHECK(loop.wait(feed.next(1)).value()[0].position == ScriptedFeed::at(2));
}

TEST_CASE("scripted: what arrived comes before an error, and after it the feed is closed") {
    Loop loop;
    ScriptedFeed feed(loop.executor());
    CHECK_FALSE(loop.wait(feed.next(1)));
    REQUIRE(loop.wait(feed.open({}, {})));
    feed.add(1, event(1));
    feed.fail_once({Verdict::resync, Cause::history_lost, "gone", {}});
    CHECK(loop.wait(feed.next(10)).value().size() == 1);
    CHECK(loop.wait(feed.next(10)).error().cause == Cause::history_lost);
    CHECK_FALSE(feed.is_open());
    CHECK_FALSE(loop.wait(feed.next(10)));
}

TEST_CASE("scripted: a reader that waits gets what is added") {
    Loop loop;
    ScriptedFeed feed(loop.executor());
    REQUIRE(loop.wait(feed.open({}, {})));
    auto waiting = loop.start(feed.next(1));
    CHECK_FALSE(waiting->ended);
    feed.add(3, Heartbeat{});
    CHECK(loop.wait(waiting).value()[0].position.time == ClusterTime{3, 0});
}
