// The document reader against servers that hold data.
#include <catch2/catch.hpp>
#include <map>

#include "contract/mongo/deployment.hpp"
#include "contract/mongo/harness.hpp"
#include "mongo/probe.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::test;

namespace {

std::string mixed_id(int i) {
    switch (i % 5) {
        case 0:
            return std::to_string(i);
        case 1:
            return fmt::format("\"s{}\"", i);
        case 2:
            return fmt::format(R"({{"$oid":"{:024x}"}})", i);
        case 3:
            return fmt::format(R"({{"$numberDouble":"{}.5"}})", i);
        default:
            return fmt::format(R"({{"k":{}}})", i);
    }
}

void insert_many(Deployment& d, int count) {
    for (int from = 0; from < count; from += 500) {
        std::string list;
        for (int i = from; i < std::min(from + 500, count); ++i)
            list += fmt::format(R"({}{{"_id":{}}})", list.empty() ? "" : ",", mixed_id(i));
        d.run(fmt::format(R"({{"insert":"a","documents":[{}]}})", list));
    }
}

}  // namespace

TEST_CASE(
    "live: ranges of mixed ids cover everything once, each in ascending order, also when taken up again") {
    on_each_deployment([](Deployment& d) {
        constexpr int count = 6000;
        insert_many(d, count);
        ReaderHarness r(options_for(d.uri()));
        const Namespace ns{d.database(), "a"};
        CHECK(r.loop.wait(r.reader.estimate(ns, r.soon())).value() == count);
        const auto ranges = r.loop.wait(r.reader.split(ns, 4, r.soon()));
        REQUIRE(ranges);
        CHECK(ranges.value().size() > 1);
        std::map<DocId, int> seen;
        for (const auto& range : ranges.value()) {
            std::size_t here = 0;
            auto from = range;
            // Closed and opened again at the last id, as after an error: that one comes again, no other.
            for (bool again = true; again;) {
                again = false;
                auto scan = r.loop.wait(r.reader.scan(ns, from, {}, r.soon()));
                REQUIRE(scan);
                for (;;) {
                    auto page = r.loop.wait(scan.value()->next(300));
                    REQUIRE(page);
                    if (page.value().empty()) break;
                    for (auto& document : page.value()) ++seen[document.id];
                    here += page.value().size();
                    if (from == range && here > 600) {
                        from.min = page.value().back().id;
                        --seen[from.min];
                        again = true;
                        break;
                    }
                }
                r.loop.wait(scan.value()->close());
            }
        }
        CHECK(seen.size() == count);
        for (const auto& [id, times] : seen)
            if (times != 1) FAIL_CHECK(id.json() << " was seen " << times << " times");
    });
}

TEST_CASE("live: a scan contains what was written before it, and its time says so") {
    on_each_deployment([](Deployment& d) {
        ReaderHarness r(options_for(d.uri()));
        const Namespace ns{d.database(), "a"};
        d.insert("a", R"({"_id":1})");
        const auto before = r.loop.wait(r.reader.identify({ns}, r.soon()));
        REQUIRE(before);
        CHECK(before.value().uuids.size() == 1);
        d.insert("a", R"({"_id":2})");
        auto scan = r.loop.wait(r.reader.scan(ns, {}, before.value().operation_time, r.soon()));
        REQUIRE(scan);
        CHECK(scan.value()->at() > before.value().operation_time);
        std::size_t seen = 0;
        for (;;) {
            const auto page = r.loop.wait(scan.value()->next(10));
            REQUIRE(page);
            if (page.value().empty()) break;
            seen += page.value().size();
        }
        CHECK(seen == 2);
        r.loop.wait(scan.value()->close());
        const auto history = r.loop.wait(r.reader.history(r.soon())).value();
        CHECK(history.oldest <= history.newest);
        CHECK(history.used > 0);
        CHECK(history.used <= 1);
    });
}

TEST_CASE("live: a collection that is dropped and made again has another UUID") {
    on_each_deployment([](Deployment& d) {
        ReaderHarness r(options_for(d.uri()));
        const Namespace ns{d.database(), "a"};
        d.insert("a", R"({"_id":1})");
        const auto first = r.loop.wait(r.reader.identify({ns}, r.soon()));
        d.run(R"({"drop":"a"})");
        CHECK(r.loop.wait(r.reader.identify({ns}, r.soon())).value().uuids.empty());
        d.insert("a", R"({"_id":1})");
        const auto second = r.loop.wait(r.reader.identify({ns}, r.soon()));
        CHECK(first.value().deployment == second.value().deployment);
        CHECK(first.value().uuids != second.value().uuids);
    });
}

TEST_CASE("live: scanning a collection that does not exist is empty") {
    on_each_deployment([](Deployment& d) {
        ReaderHarness r(options_for(d.uri()));
        auto scan = r.loop.wait(r.reader.scan({d.database(), "none"}, {}, {}, r.soon()));
        REQUIRE(scan);
        CHECK(r.loop.wait(scan.value()->next(10)).value().empty());
        r.loop.wait(scan.value()->close());
        CHECK(r.loop.wait(r.reader.split({d.database(), "none"}, 4, r.soon())).value().size() == 1);
    });
}

TEST_CASE("live: a check finds everything in order") {
    on_each_deployment([](Deployment& d) {
        d.insert("a", R"({"_id":1})");
        const auto probe = mongo::probe(options_for(d.uri()), {{d.database(), "a"}, {d.database(), "none"}});
        REQUIRE(probe);
        CHECK(probe.value().supported);
        CHECK_FALSE(probe.value().deployment.empty());
        CHECK_FALSE(probe.value().watch);
        CHECK(probe.value().namespaces[0].exists);
        CHECK_FALSE(probe.value().namespaces[1].exists);
        CHECK(probe.value().history);
    });
}

TEST_CASE("live: an oplog that is not full yet reaches further than it is long, a full one does not") {
    for (const bool full : {false, true}) {
        const auto d = Deployment::devstack(full ? std::vector<std::string>{"--oplog-bytes", "20000"}
                                                 : std::vector<std::string>{});
        if (!d) return;
        for (int i = 0; i < 60; ++i)
            d->insert("b", fmt::format(R"({{"_id":{},"p":"{}"}})", i, std::string(1000, 'x')));
        ReaderHarness r(options_for(d->uri()));
        const auto history = r.loop.wait(r.reader.history(r.soon())).value();
        CHECK((history.used > 0.9) == full);
    }
}
