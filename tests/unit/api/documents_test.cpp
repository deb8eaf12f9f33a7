// Documents by their status, and the story of one, as JSON.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "api/document_json.hpp"
using namespace halcyon;
using namespace halcyon::api;
namespace json = boost::json;

namespace {

const ReceiptKey key{CollectionName("products"), {{"shop", "products"}, DocId::parse("5").value()}};

Receipt held() {
    Receipt r;
    r.version = {1, {100, 2}, 0};
    r.text = {1, 2};
    r.payload = {3, 4};
    r.chunks = 2;
    r.at = {1'000'000};
    r.embeddings = 3;
    return r;
}

Owed failed() {
    Owed o;
    o.reason = "HTTP 503: the service failed";
    o.code = ErrorCode::embedding_unavailable;
    o.attempts = 2;
    o.last_attempt = {2'000'000};
    o.next_attempt = {3'000'000};
    return o;
}

json::object row(const Stored& stored) { return stored_json(key, stored); }

}  // namespace

TEST_CASE("a document that is held says what is held and since when") {
    const auto o = row({held(), {}, {}});
    CHECK(o.at("collection") == "products");
    CHECK(o.at("namespace") == "shop.products");
    CHECK(DocId::parse(std::string(o.at("id").as_string())).value() == key.document.id);
    CHECK(o.at("status") == "synced");
    CHECK(o.at("text_digest") == json::value(Digest{1, 2}.hex()));
    CHECK(o.at("payload_digest") == json::value(Digest{3, 4}.hex()));
    CHECK(o.at("version") == json::value(held().version.text()));
    CHECK(o.at("vector_version") == 3);
    CHECK(o.at("last_success") == "1970-01-01T00:16:40.000Z");
    CHECK(o.at("changed") == o.at("last_success"));
    for (const auto* nothing : {"code", "error", "waits_for", "next_attempt"}) CHECK(o.at(nothing).is_null());
}

TEST_CASE("a document that fails says why, how often and when it is tried again") {
    const auto o = row({held(), failed(), {}});
    CHECK(o.at("status") == "failed");
    CHECK(o.at("attempts") == 2);
    CHECK(o.at("code") == "EMBEDDING_UNAVAILABLE");
    CHECK(o.at("error") == json::value(failed().reason));
    CHECK(o.at("last_success") == "1970-01-01T00:16:40.000Z");
    CHECK(o.at("last_attempt") == "1970-01-01T00:33:20.000Z");
    CHECK(o.at("next_attempt") == "1970-01-01T00:50:00.000Z");
    CHECK(o.at("dead_letter") == false);
}

TEST_CASE("what waits for a service is no error, and a dead letter has no next attempt") {
    auto waiting = failed();
    waiting.attempts = 0;
    waiting.last_attempt = {};
    const auto pending = row({{}, waiting, {}});
    CHECK(pending.at("status") == "pending");
    CHECK(pending.at("error").is_null());
    CHECK(pending.at("waits_for") == json::value(waiting.reason));
    CHECK(pending.at("last_success").is_null());
    CHECK(pending.at("text_digest").is_null());
    DeadLetter letter;
    letter.code = ErrorCode::validation_error;
    letter.reason = "no";
    letter.attempts = 5;
    letter.last = {7000};
    const auto dead = row({{}, {}, letter});
    CHECK(dead.at("status") == "failed");
    CHECK(dead.at("dead_letter") == true);
    CHECK(dead.at("attempts") == 5);
    CHECK(dead.at("code") == "VALIDATION_ERROR");
    CHECK(dead.at("next_attempt").is_null());
}

TEST_CASE("an error is cut between characters") {
    auto owed = failed();
    owed.reason = std::string(499, 'x') + "\xc3\xbc" + std::string(5000, 'y');
    const auto o = row({{}, owed, {}});
    CHECK(o.at("error") == json::value(std::string(499, 'x') + "..."));
    CHECK(bounded("abc", 3) == "abc");
}

TEST_CASE("a page names the next one while there is one") {
    Page<Stored> page;
    page.rows.push_back({key, {held(), {}, {}}});
    CHECK_FALSE(json::parse(documents_json(page)).as_object().contains("next"));
    page.next = "ab";
    const auto out = json::parse(documents_json(page)).as_object();
    CHECK(out.at("next") == "ab");
    CHECK(out.at("documents").as_array().size() == 1);
}

TEST_CASE("a list of documents is asked for by what exists") {
    std::string field;
    const auto all = document_filter({}, &field).value();
    CHECK((!all.status && !all.collection && !all.ns));
    const auto some = document_filter({"stale", "products", "shop.products"}, &field).value();
    CHECK(some.status == SyncStatus::stale);
    CHECK(some.collection == CollectionName("products"));
    CHECK(some.ns == Namespace{"shop", "products"});
    CHECK(document_filter({"fine", "", ""}, &field).has_error());
    CHECK(field == "status");
    CHECK(document_filter({"", "", "nodot"}, &field).has_error());
    CHECK(field == "namespace");
}

namespace {

Story story() {
    Story d{.key = key.document};
    d.asked = {5'000'000};
    d.known = true;
    d.source = Story::Source{true, 77, {900, 1}};
    CollectionStory c{.collection = key.collection, .state = "synced", .phase = "done"};
    c.filter = R"({"a":1})";
    c.passes = true;
    c.should = CollectionStory::Content{2, std::string(5000, 'x'), {1, 2}, {3, 4}};
    c.stored = {held(), {}, {}};
    c.unasked = Error{Verdict::retry, Cause::unavailable, "connection refused", {}};
    d.collections.push_back(std::move(c));
    d.events.push_back({{4'000'000}, {}, Happened::changed, {}});
    return d;
}

}  // namespace

TEST_CASE("the story of a document has every side in it, and what cannot be asked says why") {
    const auto out = json::parse(story_json(story())).as_object();
    CHECK(out.at("namespace") == "shop.products");
    CHECK(out.at("known") == true);
    CHECK(out.at("source").at("bytes") == 77);
    CHECK(out.at("source").at("as_of") == "1970-01-01T00:15:00.000Z");
    const auto& c = out.at("collections").at(0);
    CHECK(c.at("state") == "synced");
    CHECK(c.at("route").at("passes") == true);
    CHECK(c.at("should").at("text").as_string().size() == 2003);  // bounded, and "..."
    CHECK(c.at("should").at("text_bytes") == 5000);
    CHECK(c.at("should").at("text_digest") == c.at("stored").at("text_digest"));
    CHECK(c.at("held").at("error") == "unavailable: connection refused");
    CHECK(out.at("events").at(0).at("what") == "changed in MongoDB");
    CHECK(out.at("events").at(0).at("collection").is_null());
    CHECK(out.at("conclusion").is_null());
}

TEST_CASE("the story of a document without a route, and of one that nobody could be asked about") {
    auto d = story();
    d.collections.clear();
    d.conclusion = "no route leads from shop.products";
    CHECK(json::parse(story_json(d)).at("conclusion") == json::value(d.conclusion));
    d = story();
    d.source.reset();
    d.unasked = Error{Verdict::retry, Cause::timeout, "no primary", {}};
    d.collections[0].should.reset();
    d.collections[0].stored = {};
    const auto out = json::parse(story_json(d)).as_object();
    CHECK(out.at("source").at("error") == "timeout: no primary");
    CHECK(out.at("source").at("found").is_null());
    CHECK(out.at("collections").at(0).at("stored").is_null());
    CHECK(out.at("collections").at(0).at("should").is_null());
}
