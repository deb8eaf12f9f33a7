// A document's text: tidied, cut into chunks, hashed into a vector. Front: how to cut (1 byte), words of a
// chunk (1), overlap (1), dimension (1).
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/utf8.hpp"
#include "embed/lexical.hpp"
#include "embed/vector_text.hpp"
#include "fuzz/fuzz.hpp"
#include "render/chunker.hpp"
#include "render/value_text.hpp"

namespace halcyon::fuzz {
namespace {

void check_chunks(std::string_view text, const render::ChunkOptions& options) {
    const auto chunks = render::chunk_text(text, options);
    std::size_t begin = 0;  // of the chunk before
    std::size_t end = 0;    // what is behind it was not seen yet
    for (const auto& chunk : chunks) {
        const auto at = static_cast<std::size_t>(chunk.data() - text.data());
        HOLDS(!chunk.empty() && at + chunk.size() <= text.size());
        HOLDS(utf8::valid(chunk));
        HOLDS(static_cast<unsigned char>(chunk.front()) > ' ' &&
              static_cast<unsigned char>(chunk.back()) > ' ');
        HOLDS(&chunk == &chunks.front() || (at > begin && at + chunk.size() > end));
        // Between chunks there is nothing but blanks; without overlap nothing is there twice.
        if (at > end) HOLDS(render::chunk_text(text.substr(end, at - end), options).empty());
        if (options.overlap == 0) HOLDS(at >= end);
        begin = at;
        end = at + chunk.size();
    }
    HOLDS(render::chunk_text(text.substr(end), options).empty());
}

void check_vector(std::string_view text, std::uint32_t dimension) {
    embed::LexicalEncoder encoder(dimension);
    const auto vector = encoder.encode(text);
    HOLDS(vector.dimension == dimension);
    const auto read = embed::read_vector(vector.json);
    HOLDS(read.has_value() && read.value().dimension == dimension && read.value().json == vector.json);
    double square = 0;
    for (const char* at = vector.json.c_str() + 1; *at != '\0';) {
        char* end = nullptr;
        const double element = std::strtod(at, &end);
        square += element * element;
        at = *end == '\0' ? end : end + 1;
    }
    HOLDS(std::fabs(square - 1) < 1e-3);
    encoder.encode("something else, so that the tables were used");
    HOLDS(encoder.encode(text).json == vector.json);
}

}  // namespace

void run(Input input) {
    render::ChunkOptions options;
    options.by = input.choice(2) != 0 ? render::ChunkOptions::By::sentences : render::ChunkOptions::By::words;
    options.size = input.choice(12) + 1;
    options.overlap = input.choice(options.size);
    const std::uint32_t dimension = 16U + input.choice(256);
    const auto raw = input.rest();

    const auto text = render::tidy(raw);
    HOLDS(utf8::valid(text));
    HOLDS(render::tidy(text) == text);
    check_chunks(text, options);
    check_vector(raw, dimension);
}

}  // namespace halcyon::fuzz
