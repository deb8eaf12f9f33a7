// From a document to what a collection should hold for it: key, point id, text, payload, digests, chunks.
#include <benchmark/benchmark.h>

#include "render/route.hpp"
#include "sample.hpp"

namespace {

using namespace halcyon;

render::RouteOptions products() {
    render::RouteOptions o;
    o.from = {"shop", "products"};
    o.to = CollectionName("products");
    o.filter = R"({"status":"active"})";
    o.text = "{{name}}\n{{description}}";
    o.payload = std::vector<render::PayloadField>{
        {"name", "", false}, {"price", "", false}, {"tags", "", false}, {"updatedAt", "updated_at", false}};
    return o;
}

/// 0: four fields of the payload, 1: the whole document.
void want(benchmark::State& state) {
    auto options = products();
    if (state.range(0) == 1) options.payload.reset();
    const auto route = render::Route::compile(options, "lexical", 384, Distance::cosine).value();
    const auto document = bench::product();
    for (auto _ : state) benchmark::DoNotOptimize(route.want(document));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(document.size()));
}
BENCHMARK(want)->Arg(0)->Arg(1);

void document_id(benchmark::State& state) {
    const auto document = bench::product();
    for (auto _ : state) benchmark::DoNotOptimize(DocId::of(document.bson()));
}
BENCHMARK(document_id);

void point(benchmark::State& state) {
    const auto key = bench::key();
    const SourceName source("mongodb");
    const CollectionName collection("products");
    for (auto _ : state) benchmark::DoNotOptimize(point_id(source, collection, key, 0));
}
BENCHMARK(point);

/// Of a text of as many bytes.
void digest(benchmark::State& state) {
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(digest_of(text));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(digest)->Arg(500)->Arg(100000);

/// 100 kB of text; 0: by words, 1: by sentences.
void chunks(benchmark::State& state) {
    auto options = products();
    options.chunk = render::ChunkOptions{
        .by = state.range(0) == 1 ? render::ChunkOptions::By::sentences : render::ChunkOptions::By::words,
        .size = 220,
        .overlap = 40,
        .text_as = ""};
    const auto route = render::Route::compile(options, "lexical", 384, Distance::cosine).value();
    std::string text;
    while (text.size() < 100000) text += "Words that say nothing. Over and over again! ";
    for (auto _ : state) benchmark::DoNotOptimize(route.chunks(text));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(chunks)->Arg(0)->Arg(1);

}  // namespace

BENCHMARK_MAIN();
