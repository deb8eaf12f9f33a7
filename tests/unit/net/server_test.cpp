#include <catch2/catch.hpp>
#include <vector>

#include "net/server/request_id.hpp"
#include "net/server/shedding.hpp"
#include "net/server/upgrade.hpp"

using namespace halcyon;
using namespace std::chrono_literals;
using net::Headers;
using net::Occupation;
using net::ServerRequest;
using Names = std::vector<std::string>;

namespace {

ServerRequest with_query(std::string query) {
    ServerRequest request{.method = "GET"};
    request.query = std::move(query);
    return request;
}

Headers upgrading() {
    return {{{"Host", "localhost"},
             {"Connection", "keep-alive"},
             {"connection", "UPGRADE"},
             {"Upgrade", "h2c, WebSocket"},
             {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
             {"Sec-WebSocket-Version", "13"},
             {"Sec-WebSocket-Protocol", "halcyon.v2,halcyon.v1"},
             {"Sec-WebSocket-Protocol", "other"},
             {"Sec-WebSocket-Extensions", "a; b=1, c"},
             {"Sec-WebSocket-Extensions", "permessage-deflate"}}};
}

}  // namespace

TEST_CASE("the names of a query and their first values can be read") {
    const auto request = with_query("a=1&b&&c=x%20y+z&a=&%61=3&=nameless&d=%zz");
    CHECK(request.query_names() == Names{"a", "b", "c", "", "d"});
    CHECK(request.query_value("a") == "1");
    CHECK(request.query_value("b") == "");
    CHECK_FALSE(request.query_value("none"));
    CHECK(with_query("").query_names().empty());
    CHECK(with_query("&&").query_names().empty());
    CHECK(with_query("=").query_names().empty());
}

TEST_CASE("lists in headers are one list, whatever their form") {
    const Headers headers{{{"A", " x ,, y"}, {"b", "no"}, {"a", "\tz"}, {"A", ""}}};
    CHECK(headers.list("a") == std::vector<std::string_view>{"x", "y", "z"});
    CHECK(headers.list("c").empty());
}

TEST_CASE("an id of a request is short and fit for a log") {
    for (const auto* good : {"a", "0", "a.b-c_D", "4bf92f3577b34da6a3ce929d0e0e4736"})
        CHECK(net::is_request_id(good));
    CHECK(net::is_request_id(std::string(64, 'a')));
    for (const auto* bad : {"", " ", "a b", "a\n", "a/b", "\"", "h\xC3\xA9"})
        CHECK_FALSE(net::is_request_id(bad));
    CHECK_FALSE(net::is_request_id(std::string(65, 'a')));
    const auto first = net::new_request_id();
    CHECK(net::is_request_id(first));
    CHECK(first != net::new_request_id());
}

TEST_CASE("the connection that is missed least makes room") {
    using Kind = Occupation::Kind;
    const auto at = [](Kind kind, std::chrono::seconds since) { return Occupation{kind, Instant{} + since}; };
    const auto least = [](std::vector<Occupation> all) { return net::least_missed(all); };
    CHECK(least({at(Kind::waiting, 5s), at(Kind::waiting, 3s), at(Kind::waiting, 4s)}) == 1U);
    CHECK(least({at(Kind::handled, 1s), at(Kind::body, 2s), at(Kind::waiting, 9s)}) == 2U);
    CHECK(least({at(Kind::body, 2s), at(Kind::handled, 1s), at(Kind::body, 1s)}) == 2U);
    CHECK_FALSE(least({at(Kind::handled, 1s), at(Kind::handled, 2s)}));
    CHECK_FALSE(least({}));
}

TEST_CASE("a request for a websocket is recognized in every form that browsers and proxies give it") {
    const auto request = net::upgrade_request("GET", "/live?x=1", upgrading());
    REQUIRE(request);
    CHECK(request->target == "/live?x=1");
    CHECK(request->protocols == Names{"halcyon.v2", "halcyon.v1", "other"});
    CHECK(request->extensions == "a; b=1, c, permessage-deflate");
    CHECK_FALSE(request->has_body);
    CHECK_FALSE(net::refuse_upgrade(request, ""));
    CHECK_FALSE(net::refuse_upgrade(request, "halcyon.v1"));
    CHECK_FALSE(net::upgrade_request("POST", "/live", upgrading()));
    for (const std::size_t missing : {2U, 3U}) {
        auto headers = upgrading();
        headers.all.erase(headers.all.begin() + static_cast<std::ptrdiff_t>(missing));
        CHECK_FALSE(net::upgrade_request("GET", "/live", headers));
    }
}

TEST_CASE("a handshake that lacks something is refused with what is missing") {
    const auto status = [](const std::optional<net::UpgradeRequest>& request,
                           std::string_view protocol = {}) {
        const auto reply = net::refuse_upgrade(request, protocol);
        return reply ? reply->status : 0U;
    };
    CHECK(status(std::nullopt) == 426);
    auto request = net::upgrade_request("GET", "/", upgrading());
    REQUIRE(request);
    CHECK(status(request) == 0);
    CHECK(status(request, "unheard") == 500);
    for (const auto* version : {"", "8", "013", "13, 8"}) {
        auto other = request;
        other->version = version;
        CHECK(status(other) == 426);
    }
    for (const auto* key :
         {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=a", "dGhlIHNhbXBsZSBub25jZ\r\n=="}) {
        auto other = request;
        other->key = key;
        CHECK(status(other) == 400);
    }
    auto other = request;
    other->host.clear();
    CHECK(status(other) == 400);
    other = request;
    other->has_body = true;
    CHECK(status(other) == 400);
}
