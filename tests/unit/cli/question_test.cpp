#include "cli/question.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace halcyon;
using namespace halcyon::cli;

namespace {

const Access local{.url = "unix:/run/halcyon/control.sock"};
const Access remote{.url = "https://search.example:8686"};
const Access with_token{.url = "https://search.example:8686", .token = "secret-word"};

Answer got(unsigned status, const std::string& body, const Access& access = local,
           std::vector<net::Header> headers = {}) {
    net::Reply reply;
    reply.status = status;
    reply.body = body;
    reply.headers.all = std::move(headers);
    return answer_of(access, "POST", reply);
}

Answer failed(Verdict v, Cause c, const std::string& why, const Access& access, const char* method = "GET") {
    return answer_of(access, method, Result<net::Reply>(fail(v, c, why)));
}

bool says(const Answer& a, const std::string& part) { return a.said.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a reply is its object") {
    const auto a = got(201, R"({"a":1})", local, {{"location", "/v1/jobs/x"}});
    CHECK(a.exit == Exit::done);
    CHECK(a.said.empty());
    CHECK(a.raw == R"({"a":1})");
    CHECK(a.location == "/v1/jobs/x");
    CHECK(number(a.body(), "a") == 1);
}

TEST_CASE("a problem is told with the exit code of its kind") {
    const auto problem = R"({"title":"unknown field","detail":"x is none","status":400})";
    for (const auto& [status, exit] :
         {std::pair(400U, Exit::usage), std::pair(404U, Exit::unknown_id), std::pair(409U, Exit::failed),
          std::pair(421U, Exit::failed), std::pair(500U, Exit::failed), std::pair(503U, Exit::failed)}) {
        const auto a = got(status, problem);
        CHECK(a.exit == exit);
        CHECK(a.said == "unknown field: x is none");
        CHECK(!a.nobody);
    }
    CHECK(got(409, R"({"title":"runs already"})").said == "runs already");
}

TEST_CASE("a probe that says no is no problem") {
    const auto a = got(503, R"({"healthy":false})");
    CHECK(a.exit == Exit::failed);
    CHECK(a.said.empty());
}

TEST_CASE("a token that is missing, wrong or too weak is told with the next step") {
    const auto none = got(401, R"({"title":"unauthorized"})", remote);
    CHECK(none.exit == Exit::failed);
    CHECK(says(none, "a token is needed: --token-file"));
    const auto wrong = got(401, R"({"title":"unauthorized"})", with_token);
    CHECK(says(wrong, "another token is needed: --token-file"));
    const auto weak = got(403, R"({"title":"forbidden"})", with_token);
    CHECK(weak.exit == Exit::failed);
    CHECK(says(weak, "role operator"));
    const auto proxy = got(401, "<html>", remote);
    CHECK(says(proxy, "--token-file"));
    for (const auto* a : {&none, &wrong, &weak, &proxy}) CHECK(!says(*a, "secret-word"));
}

TEST_CASE("only a socket on which nobody listens means that no sidecar runs") {
    const auto nobody = failed(Verdict::retry, Cause::unavailable, "connecting: refused", local);
    CHECK(nobody.nobody);
    CHECK(nobody.exit == Exit::unreachable);
    CHECK(nobody.said == "no sidecar answers on /run/halcyon/control.sock; start one with `halcyon run`");
    const auto slow = failed(Verdict::retry, Cause::in_doubt, "the deadline passed", local);
    CHECK(!slow.nobody);
    CHECK(slow.exit == Exit::unreachable);
    const auto away = failed(Verdict::retry, Cause::unavailable, "https://a:1: refused", remote);
    CHECK(!away.nobody);
    CHECK(away.exit == Exit::unreachable);
    CHECK(away.said == "no answer from https://a:1: refused");
}

TEST_CASE("a certificate that is not trusted is told with the next step") {
    CHECK(says(failed(Verdict::retry, Cause::unavailable, "TLS: certificate verify failed", remote),
               "--ca-file"));
}

TEST_CASE("a request that may have arrived is not to be repeated blindly") {
    const auto lost = [](const char* method) {
        return failed(Verdict::retry, Cause::in_doubt, "lost", remote, method);
    };
    CHECK(says(lost("POST"), "may have been done"));
    CHECK(!says(lost("GET"), "may have been done"));
}

TEST_CASE("a file or address that cannot be used is a mistake of usage") {
    CHECK(failed(Verdict::fatal, Cause::invalid, "ca.pem", remote).exit == Exit::usage);
    CHECK(failed(Verdict::reject, Cause::rejected, "redirected", remote).exit == Exit::failed);
}

TEST_CASE("what is no object of ours is not understood") {
    for (const auto* body : {"", "[]", "<html>", "{"}) {
        const auto a = got(200, body, remote);
        CHECK(a.exit == Exit::failed);
        CHECK(says(a, "HTTP 200 from https://search.example:8686 is not understood"));
    }
}

TEST_CASE("members are read leniently") {
    const auto o =
        boost::json::parse(R"({"n":-1,"f":1.5,"t":"x","b":true,"z":null,"at":"2026-01-31T12:00:00.123Z"})")
            .as_object();
    CHECK(number(o, "n") == 0);
    CHECK(number(o, "f") == 0);
    CHECK(number(o, "t") == 0);
    CHECK(real(o, "f") == 1.5);
    CHECK(!real(o, "z"));
    CHECK(text(o, "f") == "1.5E0");
    CHECK(text(o, "z").empty());
    CHECK(flag(o, "b"));
    CHECK(!flag(o, "t"));
    CHECK(rows(o, "t").empty());
    CHECK(object(o, "t") == nullptr);
    CHECK(moment(o, "at") == "2026-01-31 12:00:00");
    CHECK(moment(o, "none").empty());
}
