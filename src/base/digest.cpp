#include "base/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <charconv>

namespace halcyon {
namespace {
Digest from(XXH128_hash_t h) { return {h.high64, h.low64}; }
}  // namespace

std::string Digest::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

std::optional<Digest> Digest::from_hex(std::string_view text) {
    if (text.size() != 32) return std::nullopt;
    Digest d;
    for (auto [part, out] : {std::pair{text.substr(0, 16), &d.high}, std::pair{text.substr(16), &d.low}}) {
        auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), *out, 16);
        if (ec != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    }
    return d;
}

Digest digest_of(std::string_view bytes) { return from(XXH3_128bits(bytes.data(), bytes.size())); }

struct DigestBuilder::State {
    XXH3_state_t* xxh = XXH3_createState();
    State() { XXH3_128bits_reset(xxh); }
    ~State() { XXH3_freeState(xxh); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

DigestBuilder::DigestBuilder() : state_(std::make_unique<State>()) {}
DigestBuilder::~DigestBuilder() = default;
DigestBuilder::DigestBuilder(DigestBuilder&&) noexcept = default;
DigestBuilder& DigestBuilder::operator=(DigestBuilder&&) noexcept = default;

DigestBuilder& DigestBuilder::add(std::string_view part) {
    add(static_cast<std::uint64_t>(part.size()));
    XXH3_128bits_update(state_->xxh, part.data(), part.size());
    return *this;
}

DigestBuilder& DigestBuilder::add(std::uint64_t number) {
    std::array<unsigned char, 8> bytes{};
    for (auto& b : bytes) {
        b = static_cast<unsigned char>(number);
        number >>= 8;
    }
    XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
    return *this;
}

DigestBuilder& DigestBuilder::add(Digest d) { return add(d.high).add(d.low); }

Digest DigestBuilder::finish() const { return from(XXH3_128bits_digest(state_->xxh)); }

}  // namespace halcyon
