// The replies are of the form that the services document.
#include "embed/protocol.hpp"

#include <catch2/catch.hpp>

#include "embed/reply.hpp"
#include "embed/vector_text.hpp"

using namespace halcyon;
using namespace halcyon::embed;

namespace {

EmbedderOptions with_model(std::string model, std::uint32_t dimensions = 0) {
    EmbedderOptions options;
    options.model = std::move(model);
    options.dimensions = dimensions;
    return options;
}

std::vector<std::string> texts_of(const Result<std::vector<EncodedVector>>& vectors) {
    REQUIRE(vectors.has_value());
    std::vector<std::string> all;
    for (const auto& v : vectors.value()) all.push_back(v.json);
    return all;
}

const std::string openai_reply = R"({
  "object": "list",
  "data": [
    {"object": "embedding", "index": 1, "embedding": [ 0.25, -1e-05,
        3 ]},
    {"index": 0, "embedding": [0.0023064255, -0.009327292, 1], "object": "embedding"}
  ],
  "model": "text-embedding-3-small",
  "usage": {"prompt_tokens": 8, "total_tokens": 8}
})";

}  // namespace

TEST_CASE("openai: the request") {
    const auto plain = openai_protocol(with_model("m\"1"))->encode({"a", "b\n\xFF"});
    CHECK(plain.method == "POST");
    CHECK(plain.target == "/embeddings");
    CHECK(plain.headers[0] == net::Header{"Content-Type", "application/json"});
    CHECK(plain.body ==
          "{\"model\":\"m\\\"1\",\"encoding_format\":\"float\",\"input\":[\"a\",\"b\\n\xEF\xBF\xBD\"]}");
    const auto sized = openai_protocol(with_model("m", 256))->encode({"a"});
    CHECK(sized.body == R"({"model":"m","encoding_format":"float","dimensions":256,"input":["a"]})");
}

TEST_CASE("openai: vectors are matched by index and taken as they are, without blanks") {
    CHECK(texts_of(read_indexed_vectors(openai_reply, 2)) ==
          std::vector<std::string>{"[0.0023064255,-0.009327292,1]", "[0.25,-1e-05,3]"});
}

TEST_CASE("openai: a reply that is not what was asked for is the service's fault") {
    const auto [name, body, count] = GENERATE(table<std::string, std::string, std::size_t>({
        {"one is missing", openai_reply, 3},
        {"one too many", openai_reply, 1},
        {"an index twice", R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})", 2},
        {"an index beyond", R"({"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]})", 2},
        {"no index", R"({"data":[{"embedding":[1]}]})", 1},
        {"a negative index", R"({"data":[{"index":-1,"embedding":[1]}]})", 1},
        {"no embedding", R"({"data":[{"index":0}]})", 1},
        {"base64", R"({"data":[{"index":0,"embedding":"AACAPw=="}]})", 1},
        {"null", R"({"data":[{"index":0,"embedding":null}]})", 1},
        {"no data", R"({"object":"list"})", 1},
        {"empty data", R"({"data":[]})", 1},
        {"data is no list", R"({"data":{}})", 1},
        {"cut off", R"({"data":[{"index":0,"embedding":[1,)", 1},
        {"no JSON", "<html>", 1},
        {"nothing", "", 1},
    }));
    INFO(name);
    const auto read = read_indexed_vectors(body, count);
    REQUIRE(read.has_error());
    CHECK(read.error().verdict == Verdict::retry);
    CHECK(read.error().cause == Cause::internal);
}

TEST_CASE("tei: the request and its reply") {
    const auto tei = tei_protocol();
    const auto request = tei->encode({"a", "b"});
    CHECK(request.target == "/embed");
    CHECK(request.body == R"({"truncate":true,"inputs":["a","b"]})");
    CHECK(texts_of(tei->decode("[[0.1, 0.2],\n[-3E2, 4]]", 2)) ==
          std::vector<std::string>{"[0.1,0.2]", "[-3E2,4]"});
    for (const auto* bad : {"[[1]]", "[[1],[2],[3]]", "[]", "{}", "[[1],null]", "[[1],2]", "[[1],[2]", ""}) {
        INFO(bad);
        const auto read = tei->decode(bad, 2);
        REQUIRE(read.has_error());
        CHECK(read.error().verdict == Verdict::retry);
    }
}

TEST_CASE("tei: the limits") {
    const auto tei = tei_protocol();
    REQUIRE(tei->ask_limits());
    CHECK(tei->ask_limits()->method == "GET");
    CHECK(tei->ask_limits()->target == "/info");
    CHECK(
        tei->most_texts(R"({"model_id":"BAAI/bge-small-en-v1.5","model_type":{"embedding":{"pooling":"cls"}},
        "max_concurrent_requests":512,"max_input_length":512,"max_batch_tokens":16384,"max_batch_requests":null,
        "max_client_batch_size":32,"version":"1.5.0"})") == 32);
    for (const auto* bad :
         {"{}", R"({"max_client_batch_size":0})", R"({"max_client_batch_size":"32"})", "nothing", ""})
        CHECK_FALSE(tei->most_texts(bad));
    CHECK_FALSE(openai_protocol({})->ask_limits());
}

TEST_CASE("ollama: the request and its reply") {
    const auto ollama = ollama_protocol(with_model("nomic-embed-text"));
    const auto request = ollama->encode({"a"});
    CHECK(request.target == "/api/embed");
    CHECK(request.body == R"({"model":"nomic-embed-text","input":["a"]})");
    CHECK(ollama_protocol(with_model("m", 64))->encode({"a"}).body ==
          R"({"model":"m","dimensions":64,"input":["a"]})");
    CHECK(texts_of(ollama->decode(R"({"model":"all-minilm","embeddings":[[0.010071029,-0.0017594862],[1,2]],
        "total_duration":14143917,"load_duration":1019500,"prompt_eval_count":8})",
                                  2)) == std::vector<std::string>{"[0.010071029,-0.0017594862]", "[1,2]"});
    for (const auto* bad :
         {R"({"embeddings":[[1]]})", R"({"embedding":[1,2]})", R"({"embeddings":null})", "{"}) {
        INFO(bad);
        CHECK(ollama->decode(bad, 2).error().verdict == Verdict::retry);
    }
}

TEST_CASE("names tell the protocols apart") {
    CHECK(openai_protocol({})->name() != tei_protocol()->name());
    CHECK(tei_protocol()->name() != ollama_protocol({})->name());
}

TEST_CASE("a vector's numbers are counted and keep their digits") {
    const auto [text, json, dimension] = GENERATE(table<std::string, std::string, std::uint32_t>({
        {"[]", "[]", 0},
        {" [ ] ", "[]", 0},
        {"[0]", "[0]", 1},
        {"[-0.0,1E5 , 2e-3,\t4.5E+1]\n", "[-0.0,1E5,2e-3,4.5E+1]", 4},
        {"[3.4028235e38,-3.4028235e38]", "[3.4028235e38,-3.4028235e38]", 2},
        {"[1e-400,0.00000000000000000000000000000000000000000000000001]",
         "[1e-400,0.00000000000000000000000000000000000000000000000001]", 2},
    }));
    INFO(text);
    const auto read = read_vector(text);
    REQUIRE(read.has_value());
    CHECK(read.value().json == json);
    CHECK(read.value().dimension == dimension);
}

TEST_CASE("an element that is no finite number is refused") {
    const std::string element =
        GENERATE("null", "NaN", "nan", "Infinity", "-Infinity", "inf", "true", "\"1\"", "[1]", "{}", "", "+1",
                 "01", "1.", ".5", "-", "1e", "1e+", "0x10", "1_0", "1 2", "1e39", "-1e39", "1e400", "3.5e38",
                 "1000000000000000000000000000000000000000");
    INFO(element);
    for (const auto& text : {"[" + element + "]", "[1," + element + "]", "[" + element + ",1]"}) {
        if (text == "[]") continue;
        const auto read = read_vector(text);
        REQUIRE(read.has_error());
        CHECK(read.error().verdict == Verdict::reject);
    }
}

TEST_CASE("what is no array is no vector") {
    for (const auto* text : {"", "1", "{}", "null", "[1]2", "[1]]"}) {
        INFO(text);
        CHECK(read_vector(text).has_error());
    }
}

TEST_CASE("the message of an error is found where services put it") {
    CHECK(error_message(R"({"error":{"message":"Too long.","type":"invalid_request_error"}})") ==
          "Too long.");
    CHECK(error_message(R"({"error":"model 'x' not found"})") == "model 'x' not found");
    CHECK(error_message(R"({"error_type":"overloaded","error":"Model is overloaded"})") ==
          "Model is overloaded");
    CHECK(error_message(R"({"object":"error","message":"bad","code":400})") == "bad");
    CHECK(error_message("plain\ntext") == "plain text");
    CHECK(error_message("") == "");
    // Broken off, or no JSON behind its beginning: an error page must never harm.
    CHECK(error_message(R"({"error""type":"x"})") == R"({"error""type":"x"})");
    CHECK(error_message(R"({"error":{"message":"Too lo)") == R"({"error":{"message":"Too lo)");
    CHECK(error_message(std::string(1000, 'x')).size() == 200);
    CHECK(error_message(R"({"error":{"message":null}})") == R"({"error":{"message":null}})");
}
