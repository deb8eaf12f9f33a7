#include "admin/access.hpp"

#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

struct Who {
    const char* name;
    net::ServerRequest (*as)(net::ServerRequest);
    Role has;  // what it may do
    unsigned refused;
};

const Who callers[]{
    {"nobody", [](net::ServerRequest r) { return r; }, Role::nobody, 401},
    {"a wrong token", [](net::ServerRequest r) { return as("wrong-0123456789abc", std::move(r)); },
     Role::nobody, 401},
    {"a viewer", [](net::ServerRequest r) { return as(viewer_token, std::move(r)); }, Role::viewer, 403},
    {"an operator", [](net::ServerRequest r) { return as(operator_token, std::move(r)); }, Role::operator_,
     0},
    {"the Unix socket",
     [](net::ServerRequest r) {
         r.local = true;
         return r;
     },
     Role::operator_, 0},
};

std::string filled(std::string pattern) {
    for (const std::string name : {"{name}", "{id}"})
        if (const auto at = pattern.find(name); at != std::string::npos)
            pattern.replace(at, name.size(), "products");
    return pattern;
}

Routes table(Api& api) {
    auto routes = all_routes(api.scripted.sidecar);
    for (auto& r : about_routes(std::make_shared<const Access>(with_tokens()), "1"))
        routes.push_back(std::move(r));
    return routes;
}

TEST_CASE("every route answers to whoever may call it, and to nobody else") {
    Api api;
    const auto routes = table(api);
    REQUIRE(routes.size() > 30);
    for (const auto& route : routes)
        for (const auto& who : callers) {
            INFO(route.method << " " << route.pattern << " as " << who.name);
            const auto reply = api.ask(who.as(request(route.method, filled(route.pattern))));
            if (who.has >= route.needs) {
                CHECK(reply.status != 401);
                CHECK(reply.status != 403);
                CHECK(reply.status < 500);
                continue;
            }
            CHECK(reply.status == who.refused);
            CHECK(reply.content_type == "application/problem+json");
            CHECK(header(reply, "WWW-Authenticate") == (who.refused == 401 ? "Bearer" : ""));
        }
    CHECK(api.scripted.ports.acts.size() > 4);  // those that the operator and the Unix socket did
}

TEST_CASE("whatever changes something takes an operator, and the rest takes nobody or a viewer") {
    Api api;
    for (const auto& route : table(api)) {
        INFO(route.method << " " << route.pattern);
        CHECK((route.method == "GET") == (route.needs != Role::operator_));
        const auto& p = route.pattern;
        const bool open = p == "/openapi.json" || p == "/" || p.starts_with("/assets/") || p.ends_with("z");
        CHECK(open == (route.needs == Role::nobody));
    }
}

TEST_CASE("a page of a foreign origin is refused, whatever it sends") {
    Api api;
    for (const auto* origin : {"https://evil.example", "null", "http://127.0.0.1:9999",
                               "https://ops.example.com.evil", "", "http://127.0.0.1:8686@evil.example"}) {
        INFO(origin);
        for (const auto& route : table(api)) {
            INFO(route.method << " " << route.pattern);
            const auto reply = api.ask(
                with(as(operator_token, request(route.method, filled(route.pattern))), "Origin", origin));
            check_problem(reply, 403, "Origin");
            CHECK(header(reply, "Access-Control-Allow-Origin").empty());
        }
    }
    CHECK(api.scripted.ports.acts.empty());
    CHECK(api.ask(with(request("GET", "/healthz"), "Origin", "http://127.0.0.1:8686")).status == 200);
    CHECK(api.ask(with(request("GET", "/healthz"), "Origin", "HTTP://127.0.0.1:8686")).status == 200);
}

TEST_CASE("a listed origin may call with a token, and reads the reply") {
    Api api;
    auto r = with(as(viewer_token, request("GET", "/v1/whoami")), "Origin", "https://ops.example.com");
    auto reply = api.ask(r);
    CHECK(reply.status == 200);
    CHECK(header(reply, "Access-Control-Allow-Origin") == "https://ops.example.com");
    CHECK(header(reply, "Vary") == "Origin");
    // Errors, too.
    reply = api.ask(with(request("GET", "/v1/whoami"), "Origin", "https://ops.example.com"));
    CHECK(reply.status == 401);
    CHECK(header(reply, "Access-Control-Allow-Origin") == "https://ops.example.com");
    // Its preflight needs no token.
    r = with(request("OPTIONS", "/v1/pause"), "Origin", "https://ops.example.com");
    reply = api.ask(with(r, "Access-Control-Request-Method", "POST"));
    CHECK(reply.status == 204);
    CHECK(header(reply, "Access-Control-Allow-Headers").find("Authorization") != std::string::npos);
    CHECK(api.ask(r).status == 405);
    r = with(r, "Origin", "https://evil.example");
    reply = api.ask(with(r, "Access-Control-Request-Method", "POST"));
    CHECK(reply.status == 405);
    CHECK(header(reply, "Access-Control-Allow-Origin").empty());
}

TEST_CASE("without tokens everybody is an operator, under a loopback name only") {
    Api api{AdminOptions{}};
    const auto from = [&](const char* host) {
        return api.ask(with(request("POST", "/v1/pause"), "Host", host)).status;
    };
    for (const auto* host :
         {"127.0.0.1:8686", "127.0.0.1", "localhost", "LOCALHOST:1", "[::1]:8686", "127.9.9.9"}) {
        INFO(host);
        CHECK(from(host) == 200);
    }
    for (const auto* host : {"halcyon.example", "", "10.0.0.1:8686", "127.0.0.1.evil.example", "[::2]",
                             "[::1", "localhost.evil.example:8686", "0.0.0.0"}) {
        INFO(host);
        CHECK(from(host) == 421);
    }
    auto nameless = request("GET", "/healthz");
    nameless.headers.all.clear();
    check_problem(api.ask(nameless), 421, "");
    nameless.local = true;
    CHECK(api.ask(nameless).status == 200);
    AdminOptions open;
    open.insecure = true;
    Api anywhere{open};
    CHECK(anywhere.ask(with(request("GET", "/v1/status"), "Host", "halcyon.example")).status == 200);
    // With tokens any name will do.
    Api tokens;
    CHECK(
        tokens.ask(with(as(viewer_token, request("GET", "/v1/status")), "Host", "halcyon.example")).status ==
        200);
}

TEST_CASE("a body over TCP is application/json, or is not read") {
    Api api;
    auto r = as(operator_token, request("POST", "/v1/worker/run", R"({"collection":"products"})"));
    CHECK(api.ask(r).status == 200);
    for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "",
                             "application/jsonp", "application/json-patch+json"})
        check_problem(api.ask(with(r, "Content-Type", type)), 415, "Content-Type");
    std::erase_if(r.headers.all, [](const auto& h) { return h.first == "Content-Type"; });
    check_problem(api.ask(r), 415, "Content-Type");
    for (const auto* type : {"application/json; charset=utf-8", "Application/JSON", " application/json ;x=y"})
        CHECK(api.ask(with(r, "Content-Type", type)).status == 200);
    r.local = true;
    CHECK(api.ask(r).status == 200);
    CHECK(api.scripted.ports.runs.size() == 5);
}

TEST_CASE("a token is found wherever it may stand") {
    const auto found = [](const char* name, const std::string& value) {
        return token_of(with(request("GET", "/"), name, value));
    };
    CHECK(found("Authorization", "Bearer abc") == "abc");
    CHECK(found("authorization", "bEARER   abc ") == "abc");
    CHECK(found("Authorization", "Basic YWJj") == "");
    CHECK(found("Authorization", "Bearer ") == "");
    CHECK(found("Authorization", "abc") == "");
    CHECK(found("X-Api-Key", " abc ") == "abc");
    CHECK(found("X-Api-Key", "") == "");
    CHECK(found("Sec-WebSocket-Protocol", "halcyon.v1, token.YWJj") == "abc");
    CHECK(found("Sec-WebSocket-Protocol", "token.Pz4_-w,halcyon.v1") == "?>?\xfb");
    CHECK(found("Sec-WebSocket-Protocol", "token.!!") == "");
    CHECK(found("Sec-WebSocket-Protocol", "token.") == "");
    CHECK(found("Sec-WebSocket-Protocol", ",, ,halcyon.v1,") == std::nullopt);
    CHECK(found("Cookie", "token=abc") == std::nullopt);
    // The header wins, so that a page cannot lend another token.
    CHECK(token_of(with(with(request("GET", "/"), "X-Api-Key", "b"), "Authorization", "Bearer a")) == "a");
    CHECK(token_of(request("GET", "/?token=abc")) == std::nullopt);
}

TEST_CASE("a token is that of its owner, in all of its length") {
    const Access access(with_tokens());
    const auto role = [&](const std::string& token) -> std::optional<Role> {
        const auto who = access.caller(as(token, request("GET", "/")));
        return who ? std::optional(who->role) : std::nullopt;
    };
    CHECK(role(viewer_token) == Role::viewer);
    CHECK(role(operator_token) == Role::operator_);
    CHECK(role(operator_token.substr(0, operator_token.size() - 1)) == std::nullopt);
    CHECK(role(operator_token + "x") == std::nullopt);
    CHECK(role("") == std::nullopt);
    CHECK(access.caller(request("GET", "/")) == std::nullopt);
    CHECK(access.caller(as(operator_token, request("GET", "/")))->name == "ops");
}

TEST_CASE("whoami says whose token it is") {
    Api api;
    auto who = json_of(api.ask(as(viewer_token, request("GET", "/v1/whoami"))));
    CHECK(who ==
          boost::json::object{{"role", "viewer"}, {"name", "eye"}, {"tokens", true}, {"version", "1.2.3"}});
    Api open{AdminOptions{}};
    who = json_of(open.ask(request("GET", "/v1/whoami")));
    CHECK(who.at("role") == "operator");
    CHECK(who.at("name").is_null());
    CHECK(who.at("tokens") == false);
}

}  // namespace
}  // namespace halcyon::admin
