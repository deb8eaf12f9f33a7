#include "qdrant/options.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "base/random.hpp"
#include "qdrant/administration.hpp"
#include "qdrant/api.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("the defaults can be used") { CHECK(check({})); }

TEST_CASE("the port of gRPC gets a sentence of its own") {
    Options o;
    o.url = GENERATE("http://localhost:6334", "https://q.example.com:6334/base", "http://[::1]:6334");
    const auto verdict = check(o);
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().verdict == Verdict::fatal);
    CHECK_THAT(verdict.error().context, Catch::Contains("gRPC") && Catch::Contains("6333"));
}

TEST_CASE("other ports are nobody's business") {
    Options o;
    o.url =
        GENERATE("http://localhost:6333", "https://q.example.com/6334", "http://[::6334]", "http://h:16334");
    CHECK(check(o));
}

TEST_CASE("options out of range are named") {
    struct Case {
        const char* name;
        std::function<void(Options&)> change;
    };
    const auto c = GENERATE(values<Case>({
        {"qdrant.url", [](Options& o) { o.url = "localhost:6333"; }},
        {"qdrant.timeout", [](Options& o) { o.timeout = seconds(1); }},
        {"qdrant.admin_timeout", [](Options& o) { o.admin_timeout = seconds(0); }},
        {"qdrant.connections", [](Options& o) { o.connections = 0; }},
        {"qdrant.request_bytes", [](Options& o) { o.request_bytes = 33 * MiB; }},
        {"qdrant.request_points", [](Options& o) { o.request_points = 0; }},
        {"qdrant.lookup_keys", [](Options& o) { o.lookup_keys = 0; }},
        {"qdrant.ordering", [](Options& o) { o.ordering = "sometimes"; }},
        {"qdrant.consistency", [](Options& o) { o.consistency = "0"; }},
        {"source", [](Options& o) { o.source = SourceName(""); }},
    }));
    Options o;
    c.change(o);
    const auto verdict = check(o);
    REQUIRE_FALSE(verdict);
    CHECK_THAT(verdict.error().context, Catch::Contains(c.name));
}

TEST_CASE("the server gives up before we do, and within strict mode's limit") {
    CHECK(server_timeout(seconds(30), {}) == 29);
    CHECK(server_timeout(milliseconds(29'999), {}) == 28);
    CHECK(server_timeout(seconds(30), 10) == 10);
    CHECK(server_timeout(seconds(5), 10) == 4);
    CHECK(server_timeout(milliseconds(300), {}) == 1);
    CHECK(server_timeout(seconds(-5), {}) == 1);
    CHECK(server_timeout(Duration::max(), {}) == 86'400);
    CHECK(server_timeout(seconds(30), 0) == 1);
}

TEST_CASE("identities are random UUIDs") {
    SeededRandom random(1);
    const auto a = make_uuid(random);
    const auto b = make_uuid(random);
    CHECK(a != b);
    REQUIRE(a.size() == 36);
    CHECK(a[8] == '-');
    CHECK(a[14] == '4');
    CHECK(std::string("89ab").find(a[19]) != std::string::npos);
}
