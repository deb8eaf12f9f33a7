#include "admin/idempotency.hpp"

#include "admin/body.hpp"
#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Digest of(const char* text) { return DigestBuilder().add(text).finish(); }
net::ServerReply said(unsigned status, std::string body = "{}") {
    return {.status = status, .body = std::move(body)};
}

TEST_CASE("a request that is sent again gets the reply of the first") {
    Idempotency keys;
    CHECK_FALSE(keys.begin("a", of("1"), {}));
    keys.ended("a", of("1"), said(201, R"({"id":1})"));
    const auto again = keys.begin("a", of("1"), Instant(hours(23)));
    REQUIRE(again);
    CHECK(again->status == 201);
    CHECK(again->body == R"({"id":1})");
    CHECK(header(*again, "Idempotency-Replayed") == "true");
}

TEST_CASE("while the first is under way the second is told so, and may come again") {
    Idempotency keys;
    CHECK_FALSE(keys.begin("a", of("1"), {}));
    check_problem(keys.begin("a", of("1"), {}).value(), 409, "Idempotency-Key");
    keys.abandoned("a", of("1"));
    CHECK_FALSE(keys.begin("a", of("1"), {}));
}

TEST_CASE("a key belongs to one request") {
    Idempotency keys;
    CHECK_FALSE(keys.begin("a", of("1"), {}));
    check_problem(keys.begin("a", of("2"), {}).value(), 422, "Idempotency-Key");
    keys.ended("a", of("1"), said(200));
    check_problem(keys.begin("a", of("2"), {}).value(), 422, "Idempotency-Key");
    CHECK_FALSE(keys.begin("b", of("2"), {}));
}

TEST_CASE("a refusal is kept, a failure of ours is not") {
    Idempotency keys;
    CHECK_FALSE(keys.begin("a", of("1"), {}));
    keys.ended("a", of("1"), said(404));
    CHECK(keys.begin("a", of("1"), {})->status == 404);
    CHECK_FALSE(keys.begin("b", of("1"), {}));
    keys.ended("b", of("1"), said(503));
    CHECK_FALSE(keys.begin("b", of("1"), {}));
}

TEST_CASE("keys are forgotten after a day, and the oldest of a thousand") {
    Idempotency keys;
    CHECK_FALSE(keys.begin("a", of("1"), {}));
    keys.ended("a", of("1"), said(200));
    CHECK(keys.begin("a", of("1"), Instant(hours(24))));
    CHECK_FALSE(keys.begin("a", of("2"), Instant(hours(24) + seconds(1))));
    for (int i = 0; i < 1000; ++i)
        CHECK_FALSE(keys.begin("n" + std::to_string(i), of("1"), Instant(hours(25))));
    // One that is known takes no place.
    CHECK(keys.begin("n0", of("1"), Instant(hours(25)))->status == 409);
    CHECK_FALSE(keys.begin("a", of("3"), Instant(hours(25))));
    // What ends after it was forgotten is nobody's.
    keys.ended("n0", of("1"), said(200));
    CHECK(keys.begin("n999", of("1"), Instant(hours(25)))->status == 409);
}

TEST_CASE("a request that was forgotten while under way leaves alone what has its key now") {
    Idempotency keys;
    CHECK_FALSE(keys.begin("a", of("1"), {}));
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(keys.begin("n" + std::to_string(i), of("1"), {}));
    CHECK_FALSE(keys.begin("a", of("2"), {}));
    keys.ended("a", of("1"), said(200, "of another"));
    CHECK(keys.begin("a", of("2"), {}).value().status == 409);
    keys.abandoned("a", of("1"));
    CHECK(keys.begin("a", of("2"), {}).value().status == 409);
}

TEST_CASE("a key is visible ASCII of 1 to 255 characters") {
    Idempotency keys;
    for (const std::string& key :
         {std::string(), std::string("a b"), std::string("\xc3\xa9"), std::string(256, 'a')})
        check_problem(keys.begin(key, of("1"), {}).value(), 400, "Idempotency-Key");
    CHECK_FALSE(keys.begin(std::string(255, '~'), of("1"), {}));
}

TEST_CASE("over the routes: one act, two equal replies, and other callers do not get them") {
    Api api;
    const auto keyed = [](net::ServerRequest r) { return with(std::move(r), "Idempotency-Key", "k-1"); };
    const auto start = keyed(as(operator_token, request("POST", "/v1/jobs", R"({"type":"backfill"})")));
    const auto first = api.ask(start), second = api.ask(start);
    CHECK(first.status == 201);
    CHECK(second.status == 201);
    CHECK(second.body == first.body);
    CHECK(header(second, "Location") == header(first, "Location"));
    CHECK(header(second, "Idempotency-Replayed") == "true");
    CHECK(api.scripted.ports.started.size() == 1);
    check_problem(api.ask(keyed(as(operator_token, request("POST", "/v1/pause")))), 422, "Idempotency-Key");
    check_problem(api.ask(keyed(as(viewer_token, start))), 403, "");
    auto local = start;
    local.local = true;
    check_problem(api.ask(local), 422, "Idempotency-Key");
    // Only POST knows keys.
    CHECK(api.ask(keyed(as(viewer_token, request("GET", "/v1/jobs")))).status == 200);
    check_problem(api.ask(with(start, "Idempotency-Key", "no key")), 400, "Idempotency-Key");
}

TEST_CASE("over the routes: a key belongs to one path, query and body") {
    test::Loop loop;
    const auto echo = [](net::ServerRequest r) { return ready({.status = 200, .body = std::move(r.body)}); };
    const auto handler =
        serve({{"POST", "/a", Role::operator_, echo, {"q"}}, {"POST", "/b", Role::operator_, echo, {"q"}}},
              {}, "1");
    const auto ask = [&](const char* target, const char* body) {
        return loop.wait(handler(with(request("POST", target, body), "Idempotency-Key", "k")));
    };
    CHECK(ask("/a?q=1", R"({"n":1})").status == 200);
    check_problem(ask("/b?q=1", R"({"n":1})"), 422, "Idempotency-Key");
    check_problem(ask("/a?q=2", R"({"n":1})"), 422, "Idempotency-Key");
    check_problem(ask("/a?q=1", R"({"n":2})"), 422, "Idempotency-Key");
    CHECK(header(ask("/a?q=1", R"({"n":1})"), "Idempotency-Replayed") == "true");
}

TEST_CASE("over the routes: a request that ended with a bug may be sent again with its key") {
    test::Loop loop;
    int times = 0;
    const auto breaks_once = [&](net::ServerRequest) {
        if (++times == 1) throw std::runtime_error("bug");
        return ready({});
    };
    const auto handler = serve({{"POST", "/a", Role::operator_, breaks_once}}, {}, "1");
    const auto asked = with(request("POST", "/a"), "Idempotency-Key", "k");
    CHECK_THROWS_AS(loop.wait(handler(asked)), std::runtime_error);
    CHECK(loop.wait(handler(asked)).status == 200);
    CHECK(times == 2);
}

}  // namespace
}  // namespace halcyon::admin
