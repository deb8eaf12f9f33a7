// What the command line prints, and how the parts of the program are put together.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "app/hits.hpp"
#include "app/loop.hpp"
#include "app/runtime.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"

using namespace halcyon;
using namespace halcyon::app;
using Catch::Contains;
namespace json = boost::json;

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
            CHECK(s.pipeline.ack_window <= memory / (4 * KiB));
        }
}
