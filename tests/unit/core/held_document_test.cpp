#include <functional>

#include "core/ports/sink.hpp"

using namespace halcyon;

namespace {

HeldDocument held(std::uint32_t chunks) {
    HeldDocument out;
    for (std::uint32_t i = 0; i < chunks; ++i) {
        Provenance p;
        p.key = {{"shop", "products"}, DocId::parse("5").value()};
        p.chunk = i;
        p.chunks = chunks;
        p.text = {1, 2};
        p.payload = {3, 4};
        p.fingerprint = {5, 6};
        p.version = {1, {7, 8}, 9};
        p.at = WallTime{100 + i};
        out.chunks.push_back({PointId(std::to_string(i)), p});
    }
    return out;
}

}  // namespace

TEST_CASE("a document whose chunks agree has a receipt") {
    auto document = held(3);
    std::swap(document.chunks[0], document.chunks[2]);
    const auto receipt = document.receipt();
    REQUIRE(receipt.has_value());
    CHECK(receipt->version == Version{1, {7, 8}, 9});
    CHECK(receipt->text == Digest{1, 2});
    CHECK(receipt->payload == Digest{3, 4});
    CHECK(receipt->chunks == 3);
    CHECK_FALSE(receipt->deleted);
    CHECK(receipt->at == WallTime{102});
}

TEST_CASE("nothing held gives no receipt") { CHECK_FALSE(HeldDocument{}.receipt().has_value()); }

TEST_CASE("chunks that do not agree give no receipt") {
    const std::function<void(HeldDocument&)> damages[] = {
        [](HeldDocument& d) { d.chunks.pop_back(); },
        [](HeldDocument& d) { d.chunks.erase(d.chunks.begin()); },
        [](HeldDocument& d) { d.chunks.push_back(d.chunks.back()); },
        [](HeldDocument& d) { d.chunks[1].provenance.chunk = 0; },
        [](HeldDocument& d) { d.chunks[1].provenance.chunk = 3; },
        [](HeldDocument& d) { d.chunks[1].provenance.chunk = 4'000'000'000; },
        [](HeldDocument& d) { d.chunks[1].provenance.chunks = 4; },
        [](HeldDocument& d) { d.chunks[1].provenance.text = {9, 9}; },
        [](HeldDocument& d) { d.chunks[1].provenance.payload = {9, 9}; },
        [](HeldDocument& d) { d.chunks[1].provenance.fingerprint = {9, 9}; },
        [](HeldDocument& d) { d.chunks[1].provenance.version.operation = 1; },
        [](HeldDocument& d) { d.chunks[1].provenance.key.ns.collection = "other"; },
        [](HeldDocument& d) { d.chunks[1].provenance.source = SourceName("other"); },
        [](HeldDocument& d) {
            for (auto& c : d.chunks) c.provenance.chunks = 4;
        },
    };
    for (const auto& damage : damages) {
        auto document = held(3);
        damage(document);
        CHECK_FALSE(document.receipt().has_value());
    }
}
