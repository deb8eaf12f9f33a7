// What every embedder promises, held against all of them; the services are played by a server in this
// process.
#include "embed/embedder.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>

#include "async/pool.hpp"
#include "embed/vector_text.hpp"
#include "net/server/http_server.hpp"
#include "net/server/router.hpp"
#include "support/loop.hpp"

using namespace halcyon;
using namespace halcyon::test;
using embed::EmbedderOptions;
using net::ServerReply;
using net::ServerRequest;

namespace {

constexpr auto late = std::chrono::milliseconds(10'000);

/// A service that embeds a text as [its bytes, its place in the request, 0.5, ..], or answers as it is told.
struct Service {
    std::string type;
    std::uint32_t dimension = 4;
    std::vector<ServerReply> next{};  // answered first, in order
    std::vector<ServerRequest> asked{};
    bool silent = false;  // never answers

    std::string vector(std::size_t bytes, std::size_t place) const {
        auto json = fmt::format("[{}, {}", bytes, place);
        for (std::uint32_t i = 2; i < dimension; ++i) json += ", 0.5";
        return json + "]";
    }

    /// The sizes of the texts in a request, by reading its strings; the texts of these tests have no escapes.
    static std::vector<std::size_t> sizes(const std::string& body, std::string_view name) {
        std::vector<std::size_t> all;
        auto at = body.find(fmt::format("\"{}\":[", name)) + name.size() + 4;
        while (body[at] == '"') {
            const auto end = body.find('"', at + 1);
            all.push_back(end - at - 1);
            at = body[end + 1] == ',' ? end + 2 : end + 1;
        }
        return all;
    }

    ServerReply vectors(const ServerRequest& request) const {
        std::string body;
        const auto all = sizes(request.body, type == "tei" ? "inputs" : "input");
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto place = type == "openai" ? all.size() - 1 - i : i;  // backwards: the index counts
            const auto json = vector(all[place], place);
            body += body.empty() ? "" : ",";
            body += type == "openai"
                        ? fmt::format(R"({{"object":"embedding","index":{},"embedding":{}}})", place, json)
                        : json;
        }
        if (type == "openai") return {200, fmt::format(R"({{"object":"list","data":[{}]}})", body)};
        if (type == "ollama") return {200, fmt::format(R"({{"model":"m","embeddings":[{}]}})", body)};
        return {200, "[" + body + "]"};
    }

    static Task<ServerReply> answer(Service* self, ServerRequest request) {
        if (request.path == "/v1/info") co_return ServerReply{200, R"({"max_client_batch_size":32})"};
        self->asked.push_back(request);
        if (self->silent) {
            async::SystemClock clock;
            co_await clock.sleep_until(Instant::max());
        }
        if (!self->next.empty()) {
            auto reply = self->next.front();
            self->next.erase(self->next.begin());
            co_return reply;
        }
        const std::string_view path = self->type == "openai"   ? "/v1/embeddings"
                                      : self->type == "ollama" ? "/v1/api/embed"
                                                               : "/v1/embed";
        if (request.path != path) co_return net::problem(404, "Not Found");
        co_return self->vectors(request);
    }
};

/// An embedder of each type, and its service if it has one.
struct Bench {
    explicit Bench(const std::string& type, std::uint32_t dimensions = 0,
                   Duration timeout = std::chrono::seconds(20))
        : server(loop.executor(), {},
                 [this](ServerRequest r) { return Service::answer(&service, std::move(r)); }) {
        service.type = type;
        const auto port = server.listen_tcp("127.0.0.1:0").value();
        serving = loop.start(server.serve());
        EmbedderOptions options{.type = type, .dimensions = dimensions, .timeout = timeout};
        if (type != "lexical") {
            options.url = fmt::format("http://127.0.0.1:{}/v1", port);
            options.model = "m";
            options.api_key = "key-of-the-tests";
        }
        auto made = embed::make_embedder(options, loop.executor(), pool);
        REQUIRE(made.has_value());
        embedder = std::move(made.value());
    }
    ~Bench() {
        embedder.reset();
        server.stop(in(std::chrono::milliseconds(0)));
        loop.until([this] { return serving->ended; });
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    Result<std::vector<EncodedVector>> embed(std::vector<std::string> texts) {
        return loop.wait(embedder->embed(std::move(texts), in(late)));
    }
    Error failure(std::vector<std::string> texts) {
        auto result = embed(std::move(texts));
        REQUIRE(result.has_error());
        return result.error();
    }

    Loop loop;
    async::ThreadPool pool{1};
    Service service;
    net::HttpServer server;
    std::shared_ptr<Started<void>> serving;
    std::unique_ptr<Embedder> embedder;
};

std::string any_type() { return GENERATE("lexical", "openai", "tei", "ollama"); }
std::string service_type() { return GENERATE("openai", "tei", "ollama"); }

}  // namespace

TEST_CASE("every text gets a vector of the embedder's dimension, in the order of the texts") {
    Bench bench(any_type());
    CAPTURE(bench.service.type);
    const auto dimension = bench.loop.wait(bench.embedder->dimension(in(late)));
    REQUIRE(dimension.has_value());
    const std::vector<std::string> texts{"one", "three", "one", "seventeen", "!"};
    const auto vectors = bench.embed(texts);
    REQUIRE(vectors.has_value());
    REQUIRE(vectors.value().size() == texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto& vector = vectors.value()[i];
        CHECK(vector.dimension == dimension.value());
        CHECK(embed::read_vector(vector.json).value().dimension == dimension.value());
        CHECK(vector.json.find(' ') == std::string::npos);
        if (bench.service.type != "lexical")
            CHECK_THAT(vector.json, Catch::StartsWith(fmt::format("[{},{},", texts[i].size(), i)));
    }
}

TEST_CASE("no texts are no request") {
    Bench bench(any_type());
    const auto vectors = bench.embed({});
    REQUIRE(vectors.has_value());
    CHECK(vectors.value().empty());
    CHECK(bench.service.asked.empty());
}

TEST_CASE("limits and identity are known without asking") {
    Bench bench(any_type());
    const auto limits = bench.embedder->limits();
    CHECK(limits.texts >= 1);
    CHECK(limits.bytes >= 1);
    CHECK(limits.concurrency >= 1);
    CHECK(limits.characters >= 1);
    CHECK_THAT(bench.embedder->identity(), Catch::StartsWith(bench.service.type + "/1"));
    CHECK(bench.embedder->identity() != Bench(bench.service.type, 128).embedder->identity());
    CHECK(bench.service.asked.empty());
}

TEST_CASE("concurrent calls do not mix") {
    Bench bench(any_type());
    REQUIRE(bench.loop.wait(bench.embedder->dimension(in(late))).has_value());
    std::vector<std::shared_ptr<Started<Result<std::vector<EncodedVector>>>>> calls;
    std::vector<std::string> alone;
    for (std::size_t i = 1; i < 20; ++i) {
        calls.push_back(bench.loop.start(bench.embedder->embed({std::string(i, 'x'), "second"}, in(late))));
        alone.push_back(bench.embed({std::string(i, 'x')}).value().front().json);
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto both = bench.loop.wait(calls[i]);
        REQUIRE(both.has_value());
        CHECK(both.value().front().json == alone[i]);
    }
}

TEST_CASE("the dimension is asked once with a test text, then pinned") {
    Bench bench(service_type());
    CHECK(bench.loop.wait(bench.embedder->dimension(in(late))).value() == 4);
    REQUIRE(bench.service.asked.size() == 1);
    CHECK_THAT(bench.service.asked[0].body, Catch::Contains("[\"halcyon\"]"));
    CHECK(bench.loop.wait(bench.embedder->dimension(in(late))).value() == 4);
    CHECK(bench.service.asked.size() == 1);
    bench.service.dimension = 5;
    const auto error = bench.failure({"a"});
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::dimension_mismatch);
}

TEST_CASE("a dimension that was set is not asked for, and another one is refused") {
    Bench bench(service_type(), 8);
    CHECK(bench.loop.wait(bench.embedder->dimension(in(late))).value() == 8);
    CHECK(bench.service.asked.empty());
    CHECK(bench.failure({"a"}).cause == Cause::dimension_mismatch);
    bench.service.dimension = 8;
    CHECK(bench.embed({"a"}).has_value());
}

TEST_CASE("the key is sent") {
    Bench bench(service_type());
    REQUIRE(bench.embed({"a"}).has_value());
    CHECK(bench.service.asked.back().headers.find("authorization") == "Bearer key-of-the-tests");
}

TEST_CASE("tei's own limit bounds the texts") {
    Bench bench("tei");
    CHECK(bench.embedder->limits().texts == 64);
    REQUIRE(bench.loop.wait(bench.embedder->dimension(in(late))).has_value());
    CHECK(bench.embedder->limits().texts == 32);
}

TEST_CASE("a failure is told with what to do next, and the next call works") {
    const auto [reply, verdict, cause] = GENERATE(table<ServerReply, Verdict, Cause>({
        {{429, R"({"error":"slow down"})", "application/json", {{"Retry-After", "3"}}},
         Verdict::retry,
         Cause::rate_limited},
        {{503, ""}, Verdict::retry, Cause::unavailable},
        {{400, "no"}, Verdict::reject, Cause::rejected},
        {{401, ""}, Verdict::retry, Cause::unauthorized},
        {{307, "", "text/plain", {{"Location", "/x"}}}, Verdict::retry, Cause::unsupported},
        {{200, "not JSON"}, Verdict::retry, Cause::internal},
        {{200, "[]"}, Verdict::retry, Cause::internal},
    }));
    Bench bench(service_type(), 4);
    CAPTURE(bench.service.type, reply.status, reply.body);
    REQUIRE(bench.embed({"before"}).has_value());
    bench.service.next = {reply};
    const auto error = bench.failure({"a", "b"});
    CHECK(error.verdict == verdict);
    CHECK(error.cause == cause);
    CHECK_THAT(error.context, Catch::Contains("http://127.0.0.1:"));
    if (reply.status == 429) CHECK(error.retry_after == std::chrono::seconds(3));
    CHECK(bench.embed({"after"}).has_value());
}

TEST_CASE("a vector with a hole is refused, whatever else is in the reply") {
    const std::string hole = GENERATE("null", "NaN", "1e99");
    Bench bench(service_type(), 2);
    const auto bad = fmt::format("[0.5,{}]", hole);
    bench.service.next = {
        {200, bench.service.type == "openai"
                  ? fmt::format(
                        R"({{"data":[{{"index":0,"embedding":[1,2]}},{{"index":1,"embedding":{}}}]}})", bad)
              : bench.service.type == "ollama" ? fmt::format(R"({{"embeddings":[[1,2],{}]}})", bad)
                                               : fmt::format("[[1,2],{}]", bad)}};
    CHECK(bench.failure({"a", "b"}).verdict == Verdict::reject);
}

TEST_CASE("a test text that is refused is a mistake in the settings") {
    Bench bench(service_type());
    bench.service.next = {{400, R"({"error":"dimensions are not supported"})"}};
    const auto dimension = bench.loop.wait(bench.embedder->dimension(in(late)));
    REQUIRE(dimension.has_error());
    CHECK(dimension.error().verdict == Verdict::fatal);
    CHECK(dimension.error().cause == Cause::invalid);
}

TEST_CASE("a service that does not answer is a timeout, never in doubt") {
    SECTION("by the caller's deadline") {
        Bench bench(service_type(), 4);
        bench.service.silent = true;
        const auto result = bench.loop.wait(bench.embedder->embed({"a"}, in(std::chrono::milliseconds(150))));
        REQUIRE(result.has_error());
        CHECK(result.error().cause == Cause::timeout);
    }
    SECTION("by the embedder's own") {
        Bench bench(service_type(), 4, std::chrono::milliseconds(150));
        bench.service.silent = true;
        CHECK(bench.failure({"a"}).cause == Cause::timeout);
    }
}

TEST_CASE("a service that is gone is unavailable") {
    Bench bench(service_type(), 4);
    bench.server.stop(in(std::chrono::milliseconds(0)));
    bench.loop.until([&] { return bench.serving->ended; });
    const auto error = bench.failure({"a"});
    CHECK(error.verdict == Verdict::retry);
    CHECK(error.cause == Cause::unavailable);
}
