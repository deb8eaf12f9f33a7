// What the sidecar shows of itself, as JSON.
#include "api/overview_json.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "api/document_json.hpp"

using namespace halcyon;
namespace json = boost::json;

TEST_CASE("status joins what runs with what is stored") {
    api::Snapshot snapshot;
    auto& s = snapshot.overview;
    s.lag = std::chrono::milliseconds(12);
    s.routes = {{"shop.products", "products", "scanning", 5, 10}};
    s.collections.emplace_back();
    s.collections[0].name = "products";
    s.held = {{"max_embeddings:products", "more?"}};
    snapshot.counts = {{CollectionName("products"), 7, 1, 2, 3, {4, 1, 2, 5}}};
    const auto out = json::parse(api::overview_json(snapshot)).as_object();
    CHECK(out.at("lag_ms") == 12);
    CHECK(!out.contains("stopped"));
    CHECK(out.at("routes").at(0).at("phase") == "scanning");
    CHECK(out.at("collections").at(0).at("documents") == 7);
    CHECK(out.at("collections").at(0).at("dead_letters") == 3);
    CHECK(out.at("collections").at(0).at("synced") == 4);
    CHECK(out.at("collections").at(0).at("pending") == 1);
    CHECK(out.at("collections").at(0).at("stale") == 2);
    CHECK(out.at("collections").at(0).at("failed") == 5);
    CHECK(out.at("held").at(0).at("question") == "more?");
    CHECK(out.at("history").at("left_s").is_null());
    CHECK(out.at("history").at("unknown") != "");
    s.history = {std::chrono::hours(5), "", true, std::chrono::hours(6)};
    const auto low = json::parse(api::overview_json(snapshot)).at("history");
    CHECK(low.at("left_s") == 5 * 3600);
    CHECK(low.at("low") == true);
    CHECK(low.at("unknown") == "");
    s.history = {std::nullopt, "closed", false, std::chrono::hours(6)};
    CHECK(json::parse(api::overview_json(snapshot)).at("history").at("unknown") == "closed");
    CHECK_FALSE(out.contains("status_writeback"));
    s.status_writeback = WritebackFigures{5, 4, 3, 2, "away"};
    const auto writeback = json::parse(api::overview_json(snapshot)).at("status_writeback");
    CHECK(writeback.at("written") == 5);
    CHECK(writeback.at("waiting") == 4);
    CHECK(writeback.at("trouble") == "away");
    s.lag.reset();
    snapshot.stopped = true;
    const auto stopped = json::parse(api::overview_json(snapshot)).as_object();
    CHECK(stopped.at("stopped") == true);
    CHECK(stopped.at("lag_ms").is_null());
}

TEST_CASE("a page of dead letters names each document so that a person can type it") {
    Page<DeadLetter> page;
    DeadLetter letter;
    letter.code = ErrorCode::qdrant_rejected;
    letter.reason = "too \"long\"";
    letter.attempts = 2;
    const auto id = DocId::parse("5").value();
    page.rows.push_back({{CollectionName("products"), {{"shop", "products"}, id}}, letter});
    page.next = "opaque";
    const auto out = json::parse(api::dead_letters_json(page)).as_object();
    const auto& row = out.at("letters").at(0);
    CHECK(out.at("next") == "opaque");
    CHECK(row.at("namespace") == "shop.products");
    CHECK(row.at("reason") == "too \"long\"");
    CHECK(DocId::parse(std::string(row.at("id").as_string())).value() == id);
}
