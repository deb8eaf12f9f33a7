// A reply of an embedding service. Front: the protocol (1 byte), how many texts were sent (1 byte), the HTTP
// status (1 byte), then the body.
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>

#include "embed/errors.hpp"
#include "embed/protocol.hpp"
#include "embed/reply.hpp"
#include "embed/vector_text.hpp"
#include "fuzz/fuzz.hpp"

namespace halcyon::fuzz {
namespace {

void check_vector(const EncodedVector& vector) {
    HOLDS(vector.json.front() == '[' && vector.json.back() == ']');
    HOLDS(vector.json.find_first_not_of("0123456789+-.eE,", 1) == vector.json.size() - 1);
    std::size_t count = 0;
    for (const char* at = vector.json.c_str() + 1; *at != '\0' && vector.json != "[]"; ++at) {
        char* end = nullptr;
        HOLDS(std::isfinite(std::strtof(at, &end)) && end != at);
        HOLDS(*end == ',' || *end == ']');
        at = end;
        ++count;
    }
    HOLDS(count == vector.dimension);
    HOLDS(embed::read_vector(vector.json).value().json == vector.json);
}

void check_error(unsigned status, const std::string& body) {
    const auto message = embed::error_message(body);
    HOLDS(message.size() <= 200);
    for (const char c : message) HOLDS(static_cast<unsigned char>(c) >= 0x20);
    net::Reply reply{.status = status, .body = body};
    reply.headers.all.emplace_back("retry-after", message);
    const auto error = embed::verdict_of(reply, WallTime{1'700'000'000'000});
    HOLDS(error.verdict == Verdict::retry || error.verdict == Verdict::reject);
    if (error.verdict == Verdict::reject) HOLDS(status == 400 || status == 413 || status == 422);
    if (error.retry_after)
        HOLDS(error.retry_after->count() >= 0 && *error.retry_after <= std::chrono::hours(24));
}

}  // namespace

void run(Input input) {
    const embed::EmbedderOptions options{.type = "openai", .model = "m"};
    static const std::array<std::unique_ptr<embed::Protocol>, 3> protocols{
        embed::openai_protocol(options), embed::tei_protocol(), embed::ollama_protocol(options)};
    constexpr std::array<unsigned, 12> statuses{201, 302, 400, 401, 404, 408, 413, 422, 424, 429, 500, 503};
    const auto which = input.choice(5);
    const std::size_t count = input.choice(9);
    const auto status = statuses[input.choice(statuses.size())];
    const std::string body(input.rest());
    if (which == 3) return check_error(status, body);
    if (which == 4) {
        if (const auto most = protocols[1]->most_texts(body)) HOLDS(*most > 0);
        if (const auto vector = embed::read_vector(body)) check_vector(vector.value());
        return;
    }
    const auto vectors = protocols[which]->decode(body, count);
    if (vectors) {
        HOLDS(vectors.value().size() == count);
        for (const auto& vector : vectors.value()) check_vector(vector);
        return;
    }
    // A number that is none is the text's fault, everything else the service's.
    const auto& error = vectors.error();
    HOLDS((error.verdict == Verdict::retry && error.cause == Cause::internal) ||
          (error.verdict == Verdict::reject && error.cause == Cause::rejected));
}

}  // namespace halcyon::fuzz
