// The bodies of requests to Qdrant.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "qdrant/write_protocol.hpp"
#include "sample.hpp"

namespace {

using namespace halcyon;

/// As many points as a request holds by default, 384 dimensions each.
std::vector<PointWrite> points(unsigned count) {
    std::vector<PointWrite> all;
    std::string vector = "[";
    for (unsigned i = 0; i < 384; ++i)
        vector += fmt::format("{}0.0{:05}", i == 0 ? "" : ",", i * 173 % 99991);
    vector += "]";
    const SourceName source("mongodb");
    const CollectionName collection("products");
    for (unsigned i = 0; i < count; ++i) {
        Provenance provenance;
        provenance.source = source;
        provenance.key = bench::key(i);
        provenance.text = digest_of("text");
        provenance.payload = digest_of("payload");
        provenance.fingerprint = digest_of("fingerprint");
        provenance.version = {1, {1767225600, i + 1}, 0};
        provenance.at = {1767225600123};
        all.push_back({point_id(source, collection, provenance.key, 0), share({vector, 384}),
                       R"({"name":"Desk lamp","price":49.9,"tags":["lamp","desk","light"]})", provenance});
    }
    return all;
}

void upsert_body(benchmark::State& state) {
    const auto all = points(static_cast<unsigned>(state.range(0)));
    std::vector<const PointWrite*> pointers;
    for (const auto& p : all) pointers.push_back(&p);
    std::size_t bytes = 0;
    for (auto _ : state) {
        qdrant::ProvenanceEncoder encoder{CollectionName("products")};
        const auto body = qdrant::upsert_body(pointers, encoder, "");
        bytes += body.size();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(upsert_body)->Arg(1)->Arg(256);

}  // namespace

BENCHMARK_MAIN();
