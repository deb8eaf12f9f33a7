#include "embed/lexical_embedder.hpp"

#include <fmt/format.h>

#include "embed/lexical.hpp"

namespace halcyon::embed {
namespace {

struct Work {
    std::vector<std::string> texts;
    std::uint32_t dimension;

    std::vector<EncodedVector> operator()() const {
        LexicalEncoder encoder(dimension);
        std::vector<EncodedVector> vectors;
        vectors.reserve(texts.size());
        for (const auto& text : texts) vectors.push_back(encoder.encode(text));
        return vectors;
    }
};

}  // namespace

LexicalEmbedder::LexicalEmbedder(const EmbedderOptions& options, async::Pool& pool)
    : dimension_(options.dimensions), pool_(pool) {
    limits_.texts = options.batch.texts != 0 ? options.batch.texts : 256;
    limits_.bytes = options.batch.bytes != 0 ? options.batch.bytes : MiB;
    limits_.concurrency = options.concurrency != 0 ? options.concurrency : 1;
    limits_.characters = limits_.bytes;
    limits_.costly = false;
}

std::string LexicalEmbedder::identity() const { return fmt::format("{} {}", lexical_version, dimension_); }
Task<Result<std::uint32_t>> LexicalEmbedder::dimension(Deadline) { co_return dimension_; }
EmbedderLimits LexicalEmbedder::limits() const { return limits_; }

Task<Result<std::vector<EncodedVector>>> LexicalEmbedder::embed(std::vector<std::string> texts, Deadline) {
    if (texts.empty()) co_return std::vector<EncodedVector>{};
    co_return co_await async::on_pool(pool_, Work{std::move(texts), dimension_});
}

}  // namespace halcyon::embed
