// How long the built-in embedder takes for a text of half a kilobyte:
//   cmake --preset release && ninja -C build/release bench_lexical && build/release/bench/bench_lexical
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "embed/lexical.hpp"
#include "embed/vector_text.hpp"

namespace {

/// Texts of about 500 bytes with words of many lengths, some of them frequent.
std::vector<std::string> texts() {
    halcyon::SeededRandom random(7);
    std::vector<std::string> words;
    for (int i = 0; i < 5000; ++i) {
        std::string word;
        for (auto n = 2 + random.below(9); n > 0; --n) word += static_cast<char>('a' + random.below(26));
        words.push_back(word);
    }
    std::vector<std::string> all(256);
    for (auto& text : all)
        while (text.size() < 500) {
            const auto u = random.unit();
            text += words[static_cast<std::size_t>(u * u * u * 5000)] + (random.below(9) == 0 ? ", " : " ");
        }
    return all;
}

void encode(benchmark::State& state) {
    const auto all = texts();
    halcyon::embed::LexicalEncoder encoder(static_cast<std::uint32_t>(state.range(0)));
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(encoder.encode(all[i++ % all.size()]));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(encode)->Arg(384)->Arg(1536);

/// A vector of a service, as many numbers long.
void read(benchmark::State& state) {
    halcyon::SeededRandom random(7);
    std::string text = "[";
    for (std::int64_t i = 0; i < state.range(0); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ",", static_cast<float>(random.unit() - 0.5));
    text += ']';
    for (auto _ : state) benchmark::DoNotOptimize(halcyon::embed::read_vector(text));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read)->Arg(384);

}  // namespace

BENCHMARK_MAIN();
