#include <catch2/catch.hpp>

#include "net/client/exchange.hpp"
#include "net/client/verdict.hpp"
#include "net/http_date.hpp"
#include "net/json.hpp"
#include "net/retry_after.hpp"
#include "net/server/message.hpp"

using namespace halcyon;
using namespace std::chrono_literals;

TEST_CASE("Retry-After is read in seconds and as a date") {
    const WallTime now{784111777000};  // Sun, 06 Nov 1994 08:49:37 GMT
    const auto read = [&](std::string_view text) { return net::parse_retry_after(text, now); };
    CHECK(read("120") == 120s);
    CHECK(read(" 0 ") == 0s);
    CHECK(read("0.5") == 500ms);
    CHECK(read("1.0001") == 1001ms);
    CHECK(read("99999999999999999999") == 24h);
    CHECK(read("Sun, 06 Nov 1994 08:50:37 GMT") == 60s);
    CHECK(read("Sunday, 06-Nov-94 08:50:37 GMT") == 60s);
    CHECK(read("Sun Nov  6 08:50:37 1994") == 60s);
    CHECK(read("Sun, 06 Nov 1994 08:00:00 GMT") == 0s);
    CHECK(read("Fri, 01 Jan 2100 00:00:00 GMT") == 24h);
    for (const auto* bad :
         {"", " ", "soon", "-5", "1.2.3", ".", "Sun, 32 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994"})
        CHECK_FALSE(read(bad));
}

TEST_CASE("an HTTP date survives its text") {
    CHECK(net::http_date({784111777000}) == "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const std::int64_t ms : {0LL, 951782400000LL, 4102444800000LL})
        CHECK(net::parse_http_date(net::http_date({ms})) == WallTime{ms});
}

TEST_CASE("any bytes become a JSON string") {
    CHECK(net::json_string("") == "\"\"");
    CHECK(net::json_string("a\"b\\c/") == R"("a\"b\\c/")");
    CHECK(net::json_string(std::string_view("\n\t\r\0\x1f\x7f", 6)) == "\"\\n\\t\\r\\u0000\\u001f\x7f\"");
    CHECK(net::json_string("h\xC3\xA9 \xE4\xBD\xA0 \xF0\x9F\x8E\x89") ==
          "\"h\xC3\xA9 \xE4\xBD\xA0 \xF0\x9F\x8E\x89\"");
    const std::string mark = "\xEF\xBF\xBD";
    CHECK(net::json_string("a\xFFz") == "\"a" + mark + "z\"");
    CHECK(net::json_string("\xC0\xAF") == "\"" + mark + mark + "\"");             // overlong
    CHECK(net::json_string("\xED\xA0\x80") == "\"" + mark + mark + mark + "\"");  // a surrogate
    CHECK(net::json_string("\xE4\xBD") == "\"" + mark + mark + "\"");             // cut off
    CHECK(net::json_string("\xF4\x90\x80\x80") == "\"" + mark + mark + mark + mark + "\"");
}

TEST_CASE("UTF-8 is told from what is none") {
    for (const auto* good : {"", "a", "h\xC3\xA9", "\xE4\xBD\xA0", "\xF0\x9F\x8E\x89", "\xEF\xBF\xBD"})
        CHECK(net::is_utf8(good));
    for (const auto* bad :
         {"\xFF", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xE4\xBD", "\xF4\x90\x80\x80", "\x80"})
        CHECK_FALSE(net::is_utf8(bad));
}

TEST_CASE("a failed exchange is judged by what may have arrived") {
    net::Exchange nothing;
    nothing.write_trouble = "Broken pipe";
    CHECK(net::verdict_of(nothing, false).cause == Cause::unavailable);
    CHECK(net::verdict_of(nothing, true).cause == Cause::timeout);
    CHECK(net::may_repeat(nothing, "PUT"));
    net::Exchange part;
    part.written = 1;
    part.write_trouble = "Broken pipe";
    CHECK(net::verdict_of(part, false).cause == Cause::in_doubt);
    CHECK(net::verdict_of(part, true).cause == Cause::in_doubt);
    CHECK_FALSE(net::may_repeat(part, "PUT"));
    CHECK_FALSE(net::may_repeat(part, "POST"));
    CHECK_FALSE(net::may_repeat(part, "DELETE"));
    CHECK(net::may_repeat(part, "GET"));
    part.read.received = 1;
    CHECK_FALSE(net::may_repeat(part, "GET"));
    CHECK(net::verdict_of(part, false).verdict == Verdict::retry);
}

TEST_CASE("only redirects are refused") {
    CHECK_FALSE(net::refusal_of({.status = 299}));
    CHECK_FALSE(net::refusal_of({.status = 400}));
    CHECK(net::refusal_of({.status = 301}));
    CHECK(net::refusal_of({.status = 308, .headers = {{{"location", "/x"}}}})->context.find("/x") !=
          std::string::npos);
}

TEST_CASE("problems are RFC 9457 documents") {
    const auto p = net::problem(422, "Wrong \"input\"", "no such route", "route");
    CHECK(p.status == 422);
    CHECK(p.content_type == "application/problem+json");
    CHECK(
        p.body ==
        R"({"type":"about:blank","title":"Wrong \"input\"","status":422,"detail":"no such route","field":"route"})");
    CHECK(net::problem(404, "Not Found").body ==
          R"({"type":"about:blank","title":"Not Found","status":404})");
}

TEST_CASE("queries are read by name") {
    net::ServerRequest request;
    request.query = "a=1&b=x+y%26z&c&d=&a=2&e%20f=g&bad=%4";
    CHECK(request.query_value("a") == "1");
    CHECK(request.query_value("b") == "x y&z");
    CHECK(request.query_value("c") == "");
    CHECK(request.query_value("d") == "");
    CHECK(request.query_value("e f") == "g");
    CHECK_FALSE(request.query_value("bad"));
    CHECK_FALSE(request.query_value("z"));
}

TEST_CASE("percent encoding survives the round trip") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK(net::percent_decode(net::percent_encode(all)) == all);
    CHECK(net::percent_encode("a b/c") == "a%20b%2Fc");
    CHECK_FALSE(net::percent_decode("%"));
    CHECK_FALSE(net::percent_decode("%1"));
    CHECK_FALSE(net::percent_decode("%GG"));
}
