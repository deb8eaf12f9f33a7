#include "mongo/protocol.hpp"

#include <catch2/catch.hpp>

#include "mongo/bson.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::mongo;
using halcyon::test::bson;
using halcyon::test::json;

namespace {

Watch::Level level(std::vector<Namespace> ns) { return watch_for(ns).level; }

std::vector<FeedItem> decode_all(const std::vector<std::string>& events, std::vector<Namespace> routed,
                                 Detail detail = Detail::documents) {
    EventDecoder decoder(std::move(routed));
    std::vector<FeedItem> out;
    Position before;
    for (const auto& event : events) {
        INFO(json(event));
        auto decoded = decoder.decode(event, before, detail);
        REQUIRE(decoded);
        for (auto& item : decoded.value().items) {
            before = item.position;
            out.push_back(std::move(item));
        }
    }
    return out;
}

std::vector<std::string> events_of(std::string_view scenario) {
    std::vector<std::string> out;
    for (const auto& row : test::scenario("4.2.8", scenario))
        for (auto& e : row.batch()) out.push_back(std::move(e));
    return out;
}

std::string event(const std::string& fields,
                  const std::string& token = "826B00EA7C0000000C2B022C0100296E04") {
    return bson(R"({"_id":{"_data":")" + token +
                R"("},"clusterTime":{"$timestamp":{"t":1795222140,"i":12}},)" + fields + "}");
}

}  // namespace

TEST_CASE("the narrowest level that covers the routes is watched") {
    CHECK(level({{"a", "x"}}) == Watch::Level::collection);
    CHECK(level({{"a", "x"}, {"a", "x"}}) == Watch::Level::collection);
    CHECK(level({{"a", "x"}, {"a", "y"}}) == Watch::Level::database);
    CHECK(level({{"a", "x"}, {"b", "x"}}) == Watch::Level::deployment);
    CHECK(watch_for({{"a", "x.y"}}).collection == "x.y");
}

TEST_CASE("the pipeline names namespaces on both sides and nothing of the documents") {
    const auto text = json(pipeline_for({{"b", "z"}, {"a", "y"}, {"a", "x"}}, Detail::documents));
    CHECK(text.find(R"({ "ns.db" : "a", "ns.coll" : { "$in" : [ "x", "y" ] } })") != std::string::npos);
    CHECK(text.find(R"({ "to.db" : "a", "to.coll" : { "$in" : [ "x", "y" ] } })") != std::string::npos);
    CHECK(text.find(R"({ "operationType" : "dropDatabase", "ns.db" : { "$in" : [ "a", "b" ] } })") !=
          std::string::npos);
    CHECK(text.find(R"({ "operationType" : "invalidate" })") != std::string::npos);
    CHECK(text.find("updateDescription") != std::string::npos);
    CHECK(text.find("fullDocument") == std::string::npos);
    CHECK(json(pipeline_for({{"a", "x"}}, Detail::keys)).find("fullDocument") != std::string::npos);
    CHECK(text.find("$changeStreamSplitLargeEvent") == std::string::npos);
    for (const auto detail : {Detail::documents, Detail::keys}) {
        const auto split = json(pipeline_for({{"a", "x"}}, detail, true));
        CHECK(split.ends_with(R"({ "$changeStreamSplitLargeEvent" : {  } } ] })"));
    }
}

TEST_CASE("a stream starts behind a token, behind an invalidation, at a time, or now") {
    const auto options = [](const Position& p, Detail d = Detail::documents) {
        return json(stream_options(p, d, 100, std::chrono::milliseconds(500)));
    };
    const auto token = bson(R"({"_data":"826B00EA7C000000112B0229296E04"})");
    CHECK(options({token, {1, 2}, false, false}).find("resumeAfter") != std::string::npos);
    CHECK(options({token, {1, 2}, false, true}).find("startAfter") != std::string::npos);
    CHECK(options({token, {1, 2}, false, false}).find("startAtOperationTime") == std::string::npos);
    // The token itself says so too, whoever stored it.
    const auto invalid =
        bson(R"({"_data":"826B00EA84000000012B022C0100296F5A10048A5A29894C134D198741C3D582DB0C8C04"})");
    CHECK(options({invalid, {1, 2}, true, false}).find("startAfter") != std::string::npos);
    CHECK(options({{}, {7, 8}, false, false})
              .find(R"("startAtOperationTime" : { "$timestamp" : { "t" : 7, "i" : 8 } })") !=
          std::string::npos);
    const auto now = options({});
    CHECK(now.find("After") == std::string::npos);
    CHECK(now.find("startAt") == std::string::npos);
    CHECK(now.find("updateLookup") != std::string::npos);
    CHECK(now.find(R"("batchSize" : { "$numberInt" : "100" })") != std::string::npos);
    CHECK(options({}, Detail::keys).find("updateLookup") == std::string::npos);
}

TEST_CASE("recorded inserts, updates, replacements and deletes are decoded in order") {
    const auto items =
        decode_all(events_of("stream of a collection, fullDocument updateLookup"), {{"rec_b", "docs"}});
    REQUIRE(items.size() > 10);
    Version last;
    std::size_t removals = 0;
    for (const auto& item : items) {
        CHECK(item.position.of_event);
        CHECK_FALSE(item.position.token.empty());
        if (const auto* e = std::get_if<ChangeEvent>(&item.what)) {
            CHECK(e->version > last);
            last = e->version;
            CHECK(e->version.time == item.position.time);
            CHECK(e->happened.ms == static_cast<std::int64_t>(e->version.time.seconds) * 1000);
            CHECK(e->key.ns == Namespace{"rec_b", "docs"});
            removals += e->kind == ChangeEvent::Kind::remove;
            CHECK(e->document.empty() == (e->kind == ChangeEvent::Kind::remove));
        } else {
            CHECK(std::holds_alternative<Heartbeat>(item.what));
        }
    }
    // Two deletes, and five updates of documents that were gone when they were looked up.
    CHECK(removals == 7);
}

TEST_CASE("a look-up that found nothing is a removal at its event's version, and the delete follows") {
    const auto items = decode_all(events_of("lookup of a document that is gone"), {{"rec_b", "live"}});
    REQUIRE(items.size() == 2);
    for (const auto& item : items) CHECK(std::get<ChangeEvent>(item.what).kind == ChangeEvent::Kind::remove);
    CHECK(std::get<ChangeEvent>(items[0].what).version < std::get<ChangeEvent>(items[1].what).version);
}

TEST_CASE("a transaction's events share a time and are told apart by their operation") {
    const auto items = decode_all(events_of("transaction"), {{"rec_b", "txn"}});
    REQUIRE(items.size() == 3);
    std::vector<Version> versions;
    for (const auto& item : items)
        if (const auto* e = std::get_if<ChangeEvent>(&item.what)) versions.push_back(e->version);
    REQUIRE(versions.size() == 3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        CHECK(versions[i].time == versions[0].time);
        CHECK(versions[i].operation == i);
    }
}

TEST_CASE("tokens that are not understood are counted within one cluster time") {
    const auto e =
        event(R"("operationType":"delete","ns":{"db":"a","coll":"x"},"documentKey":{"_id":1})", "zz");
    const auto items = decode_all({e, e, e}, {{"a", "x"}});
    for (std::uint32_t i = 0; i < 3; ++i) CHECK(std::get<ChangeEvent>(items[i].what).version.operation == i);
}

TEST_CASE("every type of _id comes through, and equal numbers are one key") {
    const auto items = decode_all(events_of("stream of every type of id"), {{"rec_b", "ids"}});
    std::set<std::string> keys;
    for (const auto& item : items)
        if (const auto* e = std::get_if<ChangeEvent>(&item.what)) keys.insert(e->key.id.json());
    CHECK(keys.size() > 15);
    const auto numeric = decode_all(events_of("ids that compare equal"), {{"rec_b", "numeric"}});
    std::set<std::string> fives;
    for (const auto& item : numeric)
        if (const auto* e = std::get_if<ChangeEvent>(&item.what)) fives.insert(e->key.id.bytes());
    CHECK(fives.size() < numeric.size());
}

TEST_CASE("$out over a routed name empties it and asks for a scan") {
    const auto items =
        decode_all(events_of("$out and $merge into a watched collection"), {{"rec_b", "into"}});
    const auto* gone = std::get_if<NamespaceGone>(&items.front().what);
    REQUIRE(gone);
    CHECK(gone->ns == Namespace{"rec_b", "into"});
    CHECK(gone->rescan);
    CHECK(gone->reason == "$out");
    CHECK(items.front().position.of_event);
}

TEST_CASE("renames, drops and dropped databases are told of routed names only") {
    const std::string rename =
        R"("operationType":"rename","ns":{"db":"a","coll":"x"},"to":{"db":"a","coll":"y"})";
    SECTION("away") {
        const auto items = decode_all({event(rename)}, {{"a", "x"}});
        REQUIRE(items.size() == 1);
        const auto& gone = std::get<NamespaceGone>(items[0].what);
        CHECK(gone.ns.collection == "x");
        CHECK_FALSE(gone.rescan);
    }
    SECTION("into") {
        const auto items = decode_all({event(rename)}, {{"a", "y"}});
        REQUIRE(items.size() == 1);
        const auto& gone = std::get<NamespaceGone>(items[0].what);
        CHECK(gone.ns.collection == "y");
        CHECK(gone.rescan);
        CHECK(gone.reason == "rename");
    }
    SECTION("from one routed name to another: only the second moves the position past the event") {
        EventDecoder decoder({{"a", "x"}, {"a", "y"}});
        const Position before{"before", {1, 1}, true, false};
        const auto decoded = decoder.decode(event(rename), before, Detail::documents);
        REQUIRE(decoded);
        REQUIRE(decoded.value().items.size() == 2);
        CHECK(decoded.value().items[0].position == before);
        CHECK(decoded.value().items[1].position.time == ClusterTime{1795222140, 12});
    }
    SECTION("between names of no interest") {
        CHECK(std::holds_alternative<Heartbeat>(decode_all({event(rename)}, {{"a", "z"}})[0].what));
    }
    SECTION("drop") {
        const auto drop = event(R"("operationType":"drop","ns":{"db":"a","coll":"x"})");
        CHECK(std::get<NamespaceGone>(decode_all({drop}, {{"a", "x"}})[0].what).reason == "drop");
        CHECK(std::holds_alternative<Heartbeat>(decode_all({drop}, {{"a", "y"}})[0].what));
    }
    SECTION("dropDatabase") {
        const auto drop = event(R"("operationType":"dropDatabase","ns":{"db":"a"})");
        const auto items = decode_all({drop}, {{"a", "x"}});
        CHECK(std::get<NamespaceGone>(items[0].what).ns == Namespace{"a", ""});
        CHECK(std::holds_alternative<Heartbeat>(decode_all({drop}, {{"b", "x"}})[0].what));
    }
}

TEST_CASE("an invalidation is a position to start behind") {
    EventDecoder decoder({{"rec_b", "resume"}});
    const auto decoded =
        decoder.decode(event(R"("operationType":"invalidate")",
                             "826B00EA84000000012B022C0100296F5A10048A5A29894C134D198741C3D582DB0C8C04"),
                       {}, Detail::documents);
    REQUIRE(decoded);
    CHECK(decoded.value().invalidated);
    CHECK(decoded.value().items[0].position.invalidated);
}

TEST_CASE("with keys only, documents are to be read and deletes are deletes") {
    const auto items =
        decode_all({event(R"("operationType":"update","ns":{"db":"a","coll":"x"},"documentKey":{"_id":1})"),
                    event(R"("operationType":"insert","ns":{"db":"a","coll":"x"},"documentKey":{"_id":2})"),
                    event(R"("operationType":"delete","ns":{"db":"a","coll":"x"},"documentKey":{"_id":3})")},
                   {{"a", "x"}}, Detail::keys);
    CHECK(std::get<ChangeEvent>(items[0].what).needs_read);
    CHECK(std::get<ChangeEvent>(items[1].what).needs_read);
    CHECK_FALSE(std::get<ChangeEvent>(items[2].what).needs_read);
    CHECK(std::get<ChangeEvent>(items[2].what).kind == ChangeEvent::Kind::remove);
}

TEST_CASE("a wall time, where the server tells one, is when it happened") {
    const auto items =
        decode_all({event(R"("operationType":"delete","ns":{"db":"a","coll":"x"},"documentKey":{"_id":1},
        "wallTime":{"$date":{"$numberLong":"1795222140123"}})")},
                   {{"a", "x"}});
    CHECK(std::get<ChangeEvent>(items[0].what).happened.ms == 1795222140123);
}

TEST_CASE("what is no change event is refused") {
    EventDecoder decoder({{"a", "x"}});
    for (const auto& bad : {std::string("{}"), std::string(R"({"_id":{"_data":"82"}})"),
                            std::string(R"({"_id":{"_data":"82"},"operationType":"insert"})")}) {
        INFO(bad);
        CHECK_FALSE(decoder.decode(bson(bad), {}, Detail::documents));
    }
    CHECK_FALSE(decoder.decode(event(R"("operationType":"insert","ns":{"db":"a","coll":"x"})"), {},
                               Detail::documents));
    CHECK_FALSE(decoder.decode(event(R"("operationType":"rename","ns":{"db":"a","coll":"x"})"), {},
                               Detail::documents));
    CHECK_FALSE(decoder.decode("", {}, Detail::documents));
}

TEST_CASE("an update of nothing but our own field is no news, any other is") {
    const auto decoded = [](const std::string& description, const std::string& field = "syncMetadata") {
        EventDecoder decoder({{"shop", "a"}}, field);
        const auto out = decoder.decode(
            event(R"("operationType":"update","ns":{"db":"shop","coll":"a"},"documentKey":{"_id":1},
                     "fullDocument":{"_id":1},"updateDescription":)" +
                  description),
            {}, Detail::documents);
        REQUIRE(out);
        return std::holds_alternative<Heartbeat>(out.value().items[0].what);
    };
    CHECK(decoded(R"({"updatedFields":{"syncMetadata.overallStatus":"x","syncMetadata.collections.a":{}},
                      "removedFields":["syncMetadata.collections.b"],"truncatedArrays":[]})"));
    CHECK(decoded(R"({"updatedFields":{"syncMetadata":{}},"removedFields":[]})"));
    CHECK_FALSE(decoded(R"({"updatedFields":{"syncMetadata":{},"name":1},"removedFields":[]})"));
    CHECK_FALSE(decoded(R"({"updatedFields":{"syncMetadata":{}},"removedFields":["name"]})"));
    CHECK_FALSE(
        decoded(R"({"updatedFields":{"syncMetadata":{}},"truncatedArrays":[{"field":"a","newSize":1}]})"));
    CHECK_FALSE(decoded(R"({"updatedFields":{"syncMetadataOfMine":1},"removedFields":[]})"));
    CHECK_FALSE(decoded(R"({"updatedFields":{},"removedFields":[]})"));
    CHECK_FALSE(decoded(R"({"updatedFields":{"syncMetadata":1},"removedFields":[]})", ""));
    const auto described = json(pipeline_for({{"shop", "a"}}, Detail::documents, false, true));
    CHECK(described.find("updateDescription") == std::string::npos);
}
