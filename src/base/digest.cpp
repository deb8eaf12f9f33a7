#include "base/digest.hpp"

#include <fmt/format.h>

// The state as a type; it has had this size since 0.8.0.
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include <charconv>
#include <new>
#include <type_traits>

namespace halcyon {
namespace {
Digest from(XXH128_hash_t h) { return {h.high64, h.low64}; }

template <class Bytes>
auto* state_of(Bytes& bytes) {
    using State = std::conditional_t<std::is_const_v<Bytes>, const XXH3_state_t, XXH3_state_t>;
    return std::launder(reinterpret_cast<State*>(bytes.data()));
}
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

DigestBuilder::DigestBuilder() {
    static_assert(sizeof(XXH3_state_t) <= sizeof(state_) && alignof(XXH3_state_t) <= 64);
    XXH3_128bits_reset(::new (state_.data()) XXH3_state_t);
}

DigestBuilder& DigestBuilder::add(std::string_view part) {
    add(static_cast<std::uint64_t>(part.size()));
    XXH3_128bits_update(state_of(state_), part.data(), part.size());
    return *this;
}

DigestBuilder& DigestBuilder::add(std::uint64_t number) {
    std::array<unsigned char, 8> bytes{};
    for (auto& b : bytes) {
        b = static_cast<unsigned char>(number);
        number >>= 8;
    }
    XXH3_128bits_update(state_of(state_), bytes.data(), bytes.size());
    return *this;
}

DigestBuilder& DigestBuilder::add(Digest d) { return add(d.high).add(d.low); }

Digest DigestBuilder::finish() const { return from(XXH3_128bits_digest(state_of(state_))); }

}  // namespace halcyon
