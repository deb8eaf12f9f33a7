// What the command line prints and the control socket answers.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "app/control.hpp"
#include "app/hits.hpp"
#include "app/loop.hpp"
#include "app/runtime.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"

using namespace halcyon;
using namespace halcyon::app;
using Catch::Contains;
namespace json = boost::json;

TEST_CASE("status joins what runs with what is stored") {
    pipeline::Status s;
    s.lag = std::chrono::milliseconds(12);
    s.routes = {{"shop.products", "products", "scanning", 5, 10}};
    s.collections.emplace_back();
    s.collections[0].name = "products";
    s.held = {{"max_embeddings:products", "more?"}};
    const auto out =
        json::parse(status_json(s, {{CollectionName("products"), 7, 1, 2, 3, {4, 1, 2, 5}}})).as_object();
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
    s.history = pipeline::HistoryLeft(std::chrono::hours(6));
    s.history.measured(std::chrono::hours(5), true);
    const auto low = json::parse(status_json(s, {})).at("history");
    CHECK(low.at("left_s") == 5 * 3600);
    CHECK(low.at("low") == true);
    CHECK(low.at("unknown") == "");
    s.history.unknown("closed");
    CHECK(json::parse(status_json(s, {})).at("history").at("unknown") == "closed");
    CHECK_FALSE(out.contains("status_writeback"));
    s.status_writeback = pipeline::StatusWriteback::Figures{5, 4, 3, 2, "away"};
    const auto writeback = json::parse(status_json(s, {})).at("status_writeback");
    CHECK(writeback.at("written") == 5);
    CHECK(writeback.at("waiting") == 4);
    CHECK(writeback.at("trouble") == "away");
    s.lag.reset();
    const auto stopped = json::parse(status_json(s, {}, true)).as_object();
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
    const auto out = json::parse(dead_letters_json(page)).as_object();
    const auto& row = out.at("letters").at(0);
    CHECK(out.at("next") == "opaque");
    CHECK(row.at("namespace") == "shop.products");
    CHECK(row.at("reason") == "too \"long\"");
    CHECK(DocId::parse(std::string(row.at("id").as_string())).value() == id);
}

namespace {

std::vector<qdrant::Hit> two_hits() {
    return {
        {"p1", 0.91234,
         R"({"name":"line\nbreak","n":1,"_halcyon":{"ns":"shop.products","id":"{\"$numberLong\":\"77\"}","chunk":2}})"},
        {"p2", 0.5, R"({"name":"foreign"})"}};
}

}  // namespace

TEST_CASE("hits are lines, best first, without control characters, as wide as the terminal") {
    CHECK(hits_text({}, 80) == "nothing found");
    CHECK(hits_text(two_hits(), 200) ==
          "  0.9123  shop.products 77  name: line break  n: 1\n"
          "  0.5000  p2  name: foreign");
    CHECK_THAT(hits_text(two_hits(), 20), Contains("  0.9123  shop.pr...\n"));
}

TEST_CASE("hits as JSON keep the payload apart from what halcyon notes in it") {
    const auto hits = json::parse(hits_json(two_hits())).at("hits");
    CHECK(hits.at(0).at("payload") == json::parse(R"({"name":"line\nbreak","n":1})"));
    CHECK(hits.at(0).at("id") == R"({"$numberLong":"77"})");
    CHECK(hits.at(0).at("chunk") == 2);
    CHECK(hits.at(1).at("namespace") == "");
    CHECK(json::parse(hits_json({{"p", 1, "no JSON"}})).at("hits").at(0).at("payload").as_object().empty());
}

namespace {

Task<> count(int* n) {
    ++*n;
    co_await async::yield();
    ++*n;
}
Task<> fails() {
    co_await async::yield();
    throw std::logic_error("a bug");
}

}  // namespace

TEST_CASE("a loop runs one coroutine after the other, and says what it threw") {
    boost::asio::io_context loop;
    int n = 0;
    run_on(loop, count(&n));
    CHECK_THROWS_WITH(run_on(loop, fails()), "a bug");
    run_on(loop, count(&n));
    CHECK(n == 4);
}

TEST_CASE("memory is shared out without exceeding it, however many collections there are") {
    for (const std::size_t memory : {96 * MiB, 256 * MiB, 8192 * MiB})
        for (const std::size_t collections : {std::size_t{0}, std::size_t{1}, std::size_t{5}}) {
            AppSettings s;
            s.memory = memory;
            s.pipeline.collections.resize(collections);
            share_memory(s);
            const auto scans = s.mongodb.scan_buffer * s.pipeline.scan_parallelism;
            const auto planned = s.pipeline.planned_bytes * collections;
            CHECK(planned + scans + s.state.cache + s.state.write_buffer + memory / 8 <= memory * 3 / 4);
            CHECK(s.pipeline.write_bytes <= s.pipeline.planned_bytes / 2);
            CHECK(s.pipeline.planned_bytes >= 2 * MiB);
        }
}
