#include "embed/errors.hpp"

#include <catch2/catch.hpp>

#include "embed/options.hpp"

using namespace halcyon;
using namespace halcyon::embed;
using namespace std::chrono_literals;

TEST_CASE("a status decides what happens next") {
    const auto [status, verdict, cause] = GENERATE(table<unsigned, Verdict, Cause>({
        {400, Verdict::reject, Cause::rejected},
        {413, Verdict::reject, Cause::too_large},
        {422, Verdict::reject, Cause::rejected},
        {401, Verdict::retry, Cause::unauthorized},
        {403, Verdict::retry, Cause::unauthorized},
        {404, Verdict::retry, Cause::not_found},
        {408, Verdict::retry, Cause::timeout},
        {424, Verdict::retry, Cause::unavailable},
        {429, Verdict::retry, Cause::rate_limited},
        {500, Verdict::retry, Cause::unavailable},
        {502, Verdict::retry, Cause::unavailable},
        {503, Verdict::retry, Cause::unavailable},
        {504, Verdict::retry, Cause::unavailable},
        {529, Verdict::retry, Cause::unavailable},
        {204, Verdict::retry, Cause::unsupported},
        {405, Verdict::retry, Cause::unsupported},
        {418, Verdict::retry, Cause::unsupported},
    }));
    CAPTURE(status);
    const auto error = verdict_of({.status = status, .body = R"({"error":"because"})"}, {});
    CHECK(error.verdict == verdict);
    CHECK(error.cause == cause);
    CHECK_THAT(error.context, Catch::Contains(std::to_string(status)));
    CHECK((error.context.find("because") != std::string::npos) == (cause != Cause::unauthorized));
}

TEST_CASE("Retry-After travels with 429 and 5xx only") {
    const net::Headers after{{{"retry-after", "7"}}};
    CHECK(verdict_of({.status = 429, .headers = after}, {}).retry_after == 7000ms);
    CHECK(verdict_of({.status = 503, .headers = after}, {}).retry_after == 7000ms);
    CHECK_FALSE(verdict_of({.status = 400, .headers = after}, {}).retry_after);
    CHECK_FALSE(verdict_of({.status = 429}, {}).retry_after);
}

TEST_CASE("embedding has no effect: nothing is in doubt, and no text is blamed for the way") {
    const auto judge = [](Verdict v, Cause c, bool late) { return without_effect({v, c, "x", {}}, late); };
    CHECK(judge(Verdict::retry, Cause::in_doubt, true).cause == Cause::timeout);
    CHECK(judge(Verdict::retry, Cause::in_doubt, false).cause == Cause::unavailable);
    CHECK(judge(Verdict::retry, Cause::timeout, true).cause == Cause::timeout);
    CHECK(judge(Verdict::retry, Cause::unavailable, false).cause == Cause::unavailable);
    CHECK(judge(Verdict::reject, Cause::rejected, false).verdict == Verdict::retry);
}

TEST_CASE("options are completed") {
    CHECK(completed({.type = "lexical"}).value().dimensions == 384);
    CHECK(completed({.type = "openai", .model = "m"}).value().url == "https://api.openai.com/v1");
    CHECK(completed({.type = "tei"}).value().url == "http://127.0.0.1:8080");
    CHECK(completed({.type = "ollama", .model = "m"}).value().url == "http://127.0.0.1:11434");
    CHECK(completed({.type = "tei", .url = "http://h"}).value().url == "http://h");
}

TEST_CASE("options that can't work are refused") {
    const auto options = GENERATE(values<EmbedderOptions>({
        {.type = "word2vec"},
        {.type = ""},
        {.type = "openai"},
        {.type = "ollama"},
        {.type = "lexical", .dimensions = 15},
        {.type = "lexical", .dimensions = 4097},
        {.type = "tei", .timeout = 99ms},
        {.type = "tei", .api_key = "secret\r\nX: y"},
    }));
    const auto refused = completed(options);
    REQUIRE(refused.has_error());
    CHECK(refused.error().verdict == Verdict::fatal);
    CHECK(refused.error().cause == Cause::invalid);
    CHECK(refused.error().context.find("secret") == std::string::npos);
}
