// 128-bit content digests (XXH3-128, seed 0). Not cryptographic: they tell content apart, they do not protect
// it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon {

struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Digest&) const = default;
    bool empty() const { return high == 0 && low == 0; }
    /// 32 lower-case hexadecimal digits, high half first.
    std::string hex() const;
    static std::optional<Digest> from_hex(std::string_view text);
};

Digest digest_of(std::string_view bytes);

/// Digest of a sequence of parts; ("ab","c") and ("a","bc") differ, since each part's length is hashed before
/// it.
class DigestBuilder {
  public:
    DigestBuilder();
    DigestBuilder& add(std::string_view part);
    DigestBuilder& add(std::uint64_t number);
    DigestBuilder& add(Digest d);
    Digest finish() const;

  private:
    // The hash's own state, whose type stays out of this header.
    alignas(64) std::array<std::byte, 576> state_;
};

}  // namespace halcyon

template <>
struct std::hash<halcyon::Digest> {
    std::size_t operator()(const halcyon::Digest& d) const noexcept { return d.low; }
};
