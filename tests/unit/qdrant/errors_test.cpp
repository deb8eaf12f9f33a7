#include "qdrant/errors.hpp"

#include <catch2/catch.hpp>

#include "unit/qdrant/recording.hpp"

using namespace halcyon;
using namespace halcyon::qdrant;

namespace {

struct Case {
    const char* text;  // part of the recorded reply
    Verdict verdict;
    Cause cause;
};

const recorded::Row& row_with(const std::vector<recorded::Row>& rows, std::string_view text, Call call) {
    for (const auto& row : rows)
        if (row.is_write() == (call == Call::write) && row.reply.find(text) != std::string::npos) return row;
    throw std::runtime_error("no recorded reply has: " + std::string(text));
}

Result<> judged(Call call, unsigned status, std::string body) {
    Answer answer;
    answer.status = status;
    answer.body = std::move(body);
    return judge(call, answer);
}

Result<> judged(Call call, Error failure) {
    Answer answer;
    answer.failure = std::move(failure);
    return judge(call, answer);
}

void expect(const Result<>& result, Verdict verdict, Cause cause) {
    REQUIRE_FALSE(result.has_value());
    INFO(describe(result.error()));
    CHECK(to_string(result.error().verdict) == to_string(verdict));
    CHECK(to_string(result.error().cause) == to_string(cause));
}

}  // namespace

TEST_CASE("recorded refusals of writes say what to do next") {
    const auto rows = recorded::rows();
    const auto& c = GENERATE(
        values<Case>({{"Vector dimension error", Verdict::reject, Cause::dimension_mismatch},
                      {"dense vector must not be empty", Verdict::reject, Cause::rejected},
                      {"missing field `vector`", Verdict::reject, Cause::rejected},
                      {"is not a valid point ID", Verdict::reject, Cause::rejected},
                      {"Not existing vector name", Verdict::reject, Cause::rejected},
                      {"invalid type: sequence, expected a map", Verdict::reject, Cause::rejected},
                      {"expected value at line 1", Verdict::reject, Cause::rejected},
                      {"Empty update request", Verdict::reject, Cause::rejected},
                      {"is larger than allowed (limit: 33554432 bytes)", Verdict::reject, Cause::too_large},
                      {"Collection `rec_none` doesn't exist!", Verdict::retry, Cause::not_found},
                      {"No point with id 999 found", Verdict::resync, Cause::not_found},
                      {"Limit exceeded 3 > 2 for", Verdict::retry, Cause::too_large},
                      {"Limit exceeded 60 > 10 for", Verdict::retry, Cause::too_large},
                      {"\"acknowledged\"", Verdict::retry, Cause::in_doubt}}));
    const auto& row = row_with(rows, c.text, Call::write);
    INFO(row.method << " " << row.target << " -> " << row.reply);
    expect(judged(Call::write, row.status, row.reply), c.verdict, c.cause);
}

TEST_CASE("recorded refusals of reads and of set-up say what to do next") {
    const auto rows = recorded::rows();
    const auto& c =
        GENERATE(values<Case>({{"Invalid API key or JWT", Verdict::retry, Cause::unauthorized},
                               {"Collection `rec_a` already exists!", Verdict::retry, Cause::conflict},
                               {"Collection `rec_a` doesn't exist!", Verdict::retry, Cause::not_found},
                               {"Alias with the same name already exists", Verdict::reject, Cause::rejected},
                               {"Index required but not found", Verdict::reject, Cause::rejected},
                               {"Limit exceeded 6 > 5 for", Verdict::retry, Cause::too_large},
                               {"value 70000 invalid", Verdict::reject, Cause::rejected}}));
    const auto& row = row_with(rows, c.text, Call::read);
    INFO(row.method << " " << row.target << " -> " << row.reply);
    expect(judged(Call::read, row.status, row.reply), c.verdict, c.cause);
}

TEST_CASE("every recorded reply gets a verdict, and only completed writes are done") {
    for (const auto& row : recorded::rows()) {
        INFO(row.method << " " << row.target << " " << row.body << " -> " << row.status << " " << row.reply);
        if (row.body == R"({"operations":[]})") continue;  // answered by an empty list, and never sent by us
        const auto call = row.is_write() ? Call::write : Call::read;
        const auto result = judged(call, row.status, row.reply);
        const bool acknowledged = row.reply.find("\"acknowledged\"") != std::string::npos;
        CHECK(result.has_value() == (row.status == 200 && !acknowledged));
        if (!result && !acknowledged) CHECK(result.error().cause != Cause::in_doubt);
    }
}

TEST_CASE("an answer without a word still says something") {
    const auto status = GENERATE(400U, 404U, 409U, 413U, 429U, 500U);
    const auto* body = GENERATE("", R"({"status":{"error":""}})");
    CHECK_FALSE(judged(Call::write, status, body).error().context.empty());
}

TEST_CASE("a write that is only queued is in doubt, whatever its HTTP status") {
    const auto* body = R"({"result":{"operation_id":1,"status":"wait_timeout"},"status":"ok","time":1.0})";
    expect(judged(Call::write, 200, body), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::write, 200, R"({"result":{"status":"queued"},"status":"ok"})"), Verdict::retry,
           Cause::in_doubt);
    expect(judged(Call::write, 200, R"({"result":[{"status":"completed"},{"status":"acknowledged"}]})"),
           Verdict::retry, Cause::in_doubt);
    CHECK(judged(Call::write, 200, R"({"result":[{"status":"completed"},{"status":"completed"}]})"));
}

TEST_CASE("a write answered by something that is not Qdrant's is in doubt") {
    expect(judged(Call::write, 200, "<html>welcome</html>"), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::write, 200, R"({"result":true})"), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::write, 200, R"({"result":[]})"), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::write, 202, ""), Verdict::retry, Cause::in_doubt);
}

TEST_CASE("what a proxy or an overloaded server answers leaves a write in doubt and a read to be repeated") {
    const auto status = GENERATE(500U, 502U, 503U, 504U, 599U);
    expect(judged(Call::write, status, "oops"), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::read, status, "oops"), Verdict::retry, Cause::unavailable);
}

TEST_CASE("a server's time-out leaves a write in doubt and a read to be repeated") {
    const auto* body = R"({"status":{"error":"Timeout: Operation timed out"},"time":1.0})";
    expect(judged(Call::write, 408, body), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::read, 408, body), Verdict::retry, Cause::timeout);
}

TEST_CASE("a rate limit carries the time that the server asks for") {
    Answer answer;
    answer.status = 429;
    answer.body = R"({"status":{"error":"Rate limiting exceeded: Write rate limit exceeded"},"time":0.0})";
    answer.retry_after = std::chrono::milliseconds(7000);
    const auto result = judge(Call::write, answer);
    expect(result, Verdict::retry, Cause::rate_limited);
    CHECK(result.error().retry_after == std::chrono::milliseconds(7000));
}

TEST_CASE("a full server is not the document's fault") {
    expect(judged(Call::write, 507, "quota"), Verdict::retry, Cause::disk_full);
    expect(judged(Call::write, 400,
                  R"({"status":{"error":"Bad request: Max vector storage size limit of 1MB reached!"}})"),
           Verdict::retry, Cause::disk_full);
}

TEST_CASE("a refusal by something that is not Qdrant is not the document's fault") {
    expect(judged(Call::write, 400, "The plain HTTP request was sent to HTTPS port"), Verdict::retry,
           Cause::unavailable);
    expect(judged(Call::write, 302, ""), Verdict::retry, Cause::unavailable);
    expect(judged(Call::write, 404, ""), Verdict::retry, Cause::not_found);
    expect(judged(Call::write, 413, ""), Verdict::reject, Cause::too_large);
}

TEST_CASE("a lost connection is a doubt for writes only, and only if something was sent") {
    const auto lost = Error{Verdict::retry, Cause::in_doubt, "connection reset", {}};
    const auto refused = Error{Verdict::retry, Cause::unavailable, "connection refused", {}};
    const auto redirect = Error{Verdict::reject, Cause::rejected, "redirected to /login", {}};
    expect(judged(Call::write, lost), Verdict::retry, Cause::in_doubt);
    expect(judged(Call::read, lost), Verdict::retry, Cause::unavailable);
    expect(judged(Call::write, refused), Verdict::retry, Cause::unavailable);
    expect(judged(Call::write, Error{Verdict::retry, Cause::timeout, "too late", {}}), Verdict::retry,
           Cause::timeout);
    expect(judged(Call::write, redirect), Verdict::retry, Cause::unavailable);
}
