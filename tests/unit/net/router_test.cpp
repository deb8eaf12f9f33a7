#include "net/server/router.hpp"

#include <catch2/catch.hpp>

#include "support/loop.hpp"

using namespace halcyon;
using namespace halcyon::test;
using net::Router;
using net::ServerReply;
using net::ServerRequest;

namespace {

template <int N>
Task<ServerReply> says(ServerRequest request) {
    std::string text = std::to_string(N);
    for (const auto& [name, value] : request.parameters) text += " " + name + "=" + value;
    co_return ServerReply{200, text};
}

ServerReply ask(const Router& router, std::string method, std::string path) {
    Loop loop;
    ServerRequest request{.method = std::move(method)};
    request.path = std::move(path);
    return loop.wait(router.handler()(std::move(request)));
}

Router example() {
    Router router;
    router.add("GET", "/dead-letters/{id}", says<1>)
        .add("GET", "/dead-letters/{n:uint}", says<2>)
        .add("GET", "/dead-letters/all", says<3>)
        .add("DELETE", "/dead-letters/{id}", says<4>)
        .add("GET", "/", says<5>)
        .add("GET", "/a/{x}/b/{y}", says<6>);
    return router;
}

}  // namespace

TEST_CASE("the most particular route wins") {
    const auto router = example();
    CHECK(ask(router, "GET", "/dead-letters/abc").body == "1 id=abc");
    CHECK(ask(router, "GET", "/dead-letters/12").body == "2 n=12");
    CHECK(ask(router, "GET", "/dead-letters/all").body == "3");
    CHECK(ask(router, "DELETE", "/dead-letters/12").body == "4 id=12");
    CHECK(ask(router, "GET", "/").body == "5");
    CHECK(ask(router, "GET", "/a/1/b/2").body == "6 x=1 y=2");
    CHECK(ask(router, "HEAD", "/").body == "5");
}

TEST_CASE("parameters are decoded after the path was split") {
    CHECK(ask(example(), "GET", "/dead-letters/a%2Fb%20c").body == "1 id=a/b c");
    CHECK(ask(example(), "GET", "/dead-letters/18446744073709551616").body == "1 id=18446744073709551616");
}

TEST_CASE("what has no route is a problem") {
    const auto router = example();
    CHECK(ask(router, "GET", "/nowhere").status == 404);
    CHECK(ask(router, "GET", "/dead-letters/").status == 404);
    CHECK(ask(router, "GET", "/dead-letters/a/b").status == 404);
    CHECK(ask(router, "GET", "/dead-letters/%zz").status == 400);
    const auto wrong = ask(router, "PATCH", "/dead-letters/x");
    CHECK(wrong.status == 405);
    REQUIRE(wrong.headers.size() == 1);
    CHECK(wrong.headers[0] == net::Header{"Allow", "DELETE, GET"});
}

TEST_CASE("a route that is malformed or taken is a bug") {
    Router router;
    router.add("GET", "/a/{x}", says<1>);
    CHECK_THROWS_AS(router.add("GET", "/a/{x}", says<2>), std::logic_error);
    CHECK_THROWS_AS(router.add("GET", "/a/{y}", says<2>), std::logic_error);
    CHECK_THROWS_AS(router.add("GET", "a", says<2>), std::logic_error);
    CHECK_THROWS_AS(router.add("GET", "/{x", says<2>), std::logic_error);
    CHECK_THROWS_AS(router.add("GET", "/{}", says<2>), std::logic_error);
    CHECK_THROWS_AS(router.add("GET", "/{x:float}", says<2>), std::logic_error);
}

TEST_CASE("the routes are listed as they were added") {
    std::string all;
    for (const auto& [method, pattern] : example().routes()) all += method + " " + pattern + "\n";
    CHECK(all ==
          "GET /dead-letters/{id}\nGET /dead-letters/{n:uint}\nGET /dead-letters/all\n"
          "DELETE /dead-letters/{id}\nGET /\nGET /a/{x}/b/{y}\n");
}

TEST_CASE("a query with a broken escape never reaches a handler") {
    Loop loop;
    ServerRequest request{.method = "GET"};
    request.path = "/";
    request.query = "a=%zz";
    CHECK(loop.wait(example().handler()(std::move(request))).status == 400);
}
