// From what services really answer to the code that operators see.
#include <catch2/catch.hpp>

#include "core/status.hpp"
#include "embed/errors.hpp"
#include "embed/protocol.hpp"
#include "qdrant/errors.hpp"
#include "unit/qdrant/recording.hpp"

using namespace halcyon;

namespace {

struct Reply {
    unsigned status;
    const char* body;
    ErrorCode code;
};

}  // namespace

TEST_CASE("what embedding services answer becomes a code") {
    const auto& reply = GENERATE(values<Reply>({
        // OpenAI
        {400,
         R"({"error":{"message":"This model's maximum context length is 8192 tokens, however you requested 10000 tokens (10000 in your prompt; 0 for the completion). Please reduce your prompt; or completion length.","type":"invalid_request_error","param":null,"code":null}})",
         ErrorCode::embedding_rejected},
        {400,
         R"({"error":{"message":"'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.","type":"invalid_request_error","param":null,"code":null}})",
         ErrorCode::embedding_rejected},
        {401,
         R"({"error":{"message":"Incorrect API key provided: sk-x. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
         ErrorCode::embedding_unavailable},
        {404,
         R"({"error":{"message":"The model `none` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
         ErrorCode::embedding_unavailable},
        {429,
         R"({"error":{"message":"Rate limit reached for text-embedding-3-small in organization org-x on tokens per min (TPM): Limit 1000000.","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
         ErrorCode::embedding_rate_limit},
        {429,
         R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
         ErrorCode::embedding_rate_limit},
        {500,
         R"({"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}})",
         ErrorCode::embedding_unavailable},
        {503,
         R"({"error":{"message":"The engine is currently overloaded, please try again later","type":"server_error","param":null,"code":null}})",
         ErrorCode::embedding_unavailable},
        // text-embeddings-inference
        {413,
         R"({"error":"Input validation error: `inputs` must have less than 512 tokens. Given: 3000","error_type":"Validation"})",
         ErrorCode::document_too_large},
        {413, R"({"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"})",
         ErrorCode::document_too_large},
        {422, R"({"error":"Tokenization error","error_type":"Tokenizer"})", ErrorCode::embedding_rejected},
        {424, R"({"error":"Inference failed","error_type":"Backend"})", ErrorCode::embedding_unavailable},
        {429, R"({"error":"Model is overloaded","error_type":"Overloaded"})",
         ErrorCode::embedding_rate_limit},
        {503, R"({"error":"unhealthy","error_type":"unhealthy"})", ErrorCode::embedding_unavailable},
        // Ollama
        {400, R"({"error":"input length exceeds maximum context length"})", ErrorCode::embedding_rejected},
        {404, R"({"error":"model \"none\" not found, try pulling it first"})",
         ErrorCode::embedding_unavailable},
        {500, R"({"error":"llama runner process has terminated: signal: killed"})",
         ErrorCode::embedding_unavailable},
        // Proxies
        {408, "", ErrorCode::embedding_timeout},
        {413, "<html><h1>413 Request Entity Too Large</h1></html>", ErrorCode::document_too_large},
        {502, "<html><h1>502 Bad Gateway</h1></html>", ErrorCode::embedding_unavailable},
        {504, "<html><h1>504 Gateway Time-out</h1></html>", ErrorCode::embedding_unavailable},
    }));
    const auto error = embed::verdict_of({.status = reply.status, .body = reply.body}, {});
    INFO(describe(error));
    CHECK(to_string(embedding_code(error.cause)) == to_string(reply.code));
}

TEST_CASE("an embedding service that answers something else than vectors is not blamed on the text") {
    const auto protocol = GENERATE(as<std::string>{}, "openai", "tei", "ollama");
    const auto decode = [&](std::string body) {
        const embed::EmbedderOptions options{.model = "m"};
        const auto p = protocol == "openai" ? embed::openai_protocol(options)
                       : protocol == "tei"  ? embed::tei_protocol()
                                            : embed::ollama_protocol(options);
        return p->decode(std::move(body), 2);
    };
    for (const auto* body : {"<html>welcome</html>", "{}", R"({"data":[{"index":0,"embedding":[1]}]})",
                             R"({"embeddings":[[1]]})", "[[1]]"}) {
        const auto vectors = decode(body);
        REQUIRE(vectors.has_error());
        CHECK(to_string(embedding_code(vectors.error().cause)) == "EMBEDDING_UNAVAILABLE");
    }
}

TEST_CASE("an embedding service that does not answer is told from one that is slow") {
    const Error lost{Verdict::retry, Cause::in_doubt, "the connection was lost", {}};
    CHECK(embedding_code(embed::without_effect(lost, true).cause) == ErrorCode::embedding_timeout);
    CHECK(embedding_code(embed::without_effect(lost, false).cause) == ErrorCode::embedding_unavailable);
}

namespace {

struct Recorded {
    const char* text;  // part of the recorded reply
    qdrant::Call call;
    ErrorCode code;
};

std::string code_of(qdrant::Call call, const qdrant::Answer& answer) {
    const auto judged = qdrant::judge(call, answer);
    REQUIRE(judged.has_error());
    return std::string(to_string(qdrant_code(judged.error().cause)));
}

}  // namespace

TEST_CASE("what Qdrant was recorded to answer becomes a code") {
    using qdrant::Call;
    const auto& c = GENERATE(values<Recorded>({
        {"Vector dimension error", Call::write, ErrorCode::dimension_mismatch},
        {"missing field `vector`", Call::write, ErrorCode::qdrant_rejected},
        {"is not a valid point ID", Call::write, ErrorCode::qdrant_rejected},
        {"Not existing vector name", Call::write, ErrorCode::qdrant_rejected},
        {"is larger than allowed (limit: 33554432 bytes)", Call::write, ErrorCode::document_too_large},
        {"Limit exceeded 3 > 2 for", Call::write, ErrorCode::document_too_large},
        {"Collection `rec_none` doesn't exist!", Call::write, ErrorCode::qdrant_unavailable},
        {"No point with id 999 found", Call::write, ErrorCode::qdrant_unavailable},
        {"\"acknowledged\"", Call::write, ErrorCode::qdrant_timeout},
        {"Invalid API key or JWT", Call::read, ErrorCode::qdrant_unavailable},
        {"already exists!", Call::read, ErrorCode::qdrant_unavailable},
        {"Index required but not found", Call::read, ErrorCode::qdrant_rejected},
    }));
    bool met = false;
    for (const auto& row : qdrant::recorded::rows()) {
        if (row.is_write() != (c.call == Call::write) || row.reply.find(c.text) == std::string::npos)
            continue;
        met = true;
        INFO(row.method << " " << row.target << " -> " << row.status << " " << row.reply);
        qdrant::Answer answer;
        answer.status = row.status;
        answer.body = row.reply;
        CHECK(code_of(c.call, answer) == to_string(c.code));
        break;
    }
    INFO(c.text);
    CHECK(met);
}

TEST_CASE("every refusal that Qdrant was recorded to give has a code of its own") {
    for (const auto& row : qdrant::recorded::rows()) {
        if (row.status == 200) continue;
        INFO(row.method << " " << row.target << " -> " << row.status << " " << row.reply);
        qdrant::Answer answer;
        answer.status = row.status;
        answer.body = row.reply;
        CHECK(code_of(row.is_write() ? qdrant::Call::write : qdrant::Call::read, answer) != "UNKNOWN");
    }
}

TEST_CASE("what stands before Qdrant, or nobody, becomes a code") {
    using qdrant::Call;
    qdrant::Answer answer;
    const auto status = GENERATE(408U, 429U, 500U, 502U, 503U, 504U, 507U);
    answer.status = status;
    answer.body = "<html>gateway</html>";
    CAPTURE(status);
    const bool unsure = status != 429 && status != 507;
    CHECK(code_of(Call::write, answer) == (unsure ? "QDRANT_TIMEOUT" : "QDRANT_UNAVAILABLE"));
    answer = {};
    answer.failure = Error{Verdict::retry, Cause::unavailable, "connection refused", {}};
    CHECK(code_of(Call::write, answer) == "QDRANT_UNAVAILABLE");
    answer.failure = Error{Verdict::retry, Cause::in_doubt, "the connection was lost", {}};
    CHECK(code_of(Call::write, answer) == "QDRANT_TIMEOUT");
    answer.failure = Error{Verdict::retry, Cause::timeout, "the deadline passed", {}};
    CHECK(code_of(Call::write, answer) == "QDRANT_TIMEOUT");
}
