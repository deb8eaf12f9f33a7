// An embedding service that costs next to nothing: it speaks text-embeddings-inference and answers each text
// with the same vector. What halcyon costs with it is what halcyon costs with a service that is infinitely
// fast.
//
//   bench_responder DIMENSIONS        prints {"port":N}, then serves until it is killed
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "wire.hpp"

namespace {

using halcyon::bench::Listener;
using halcyon::bench::Wire;

constexpr std::size_t most_texts = 2048;

/// As services print: the shortest text of each 32-bit float of a vector of length 1.
std::string vector_text(std::size_t dimensions) {
    halcyon::SeededRandom random(11);
    std::vector<double> numbers(dimensions);
    double squares = 0;
    for (auto& n : numbers) {
        n = random.unit() * 2 - 1;
        squares += n * n;
    }
    std::string text = "[";
    for (const auto n : numbers)
        text += fmt::format("{}{}", text.size() > 1 ? "," : "", static_cast<float>(n / std::sqrt(squares)));
    return text + "]";
}

/// The strings of `"inputs":[..]`; nothing between them but a comma.
std::size_t count_texts(std::string_view body) {
    constexpr std::string_view before = "\"inputs\":[";
    std::size_t count = 0;
    auto at = body.find(before);
    if (at == body.npos) return 0;
    for (at += before.size(); at < body.size() && body[at] == '"'; at += 2, ++count) {
        at = body.find_first_of("\"\\", at + 1);
        while (at < body.size() && body[at] == '\\') at = body.find_first_of("\"\\", at + 2);
        if (at >= body.size()) return 0;
    }
    return count;
}

struct Answers {
    explicit Answers(std::size_t dimensions) {
        const auto vector = vector_text(dimensions);
        each = vector.size() + 1;
        for (std::size_t i = 0; i < most_texts; ++i) all += (i == 0 ? "[" : ",") + vector;
    }
    std::size_t each = 0;  // bytes a vector, with the bracket or comma before it
    std::string all;
};

void serve(Wire wire, const Answers* answers) {
    const auto reply = [&](std::string_view status, std::string_view body, std::string_view end) {
        wire.send(fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                              status, body.size() + end.size()),
                  body);
        if (!end.empty()) wire.send(end, {});
    };
    Wire::Message message;
    while (wire.receive(message)) {
        if (message.head.starts_with("GET /info")) {
            reply("200 OK", fmt::format(R"({{"max_client_batch_size":{}}})", most_texts), {});
        } else if (const auto texts = count_texts(message.body); texts > 0 && texts <= most_texts) {
            reply("200 OK", std::string_view(answers->all).substr(0, texts * answers->each), "]");
        } else {
            reply("400 Bad Request", R"({"error":"inputs must hold 1 to 2048 texts"})", {});
        }
    }
}

void serve_quietly(Wire wire, const Answers* answers) {
    try {
        serve(std::move(wire), answers);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "a connection ended: %s\n", e.what());
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const auto dimensions = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
    if (dimensions < 1 || dimensions > 4096) {
        std::fprintf(stderr, "bench_responder DIMENSIONS, from 1 to 4096\n");
        return 2;
    }
    const Answers answers(dimensions);
    const Listener listener;
    std::printf("{\"port\":%u}\n", unsigned{listener.port});
    std::fflush(stdout);
    for (;;) std::thread(serve_quietly, listener.accept(), &answers).detach();
} catch (const std::exception& e) {
    std::fprintf(stderr, "bench_responder failed: %s\n", e.what());
    return 1;
}
