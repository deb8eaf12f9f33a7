// Little-endian numbers and length-prefixed bytes: what records are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace halcyon::state {

class Encoder {
  public:
    template <class N>
    Encoder& number(N n) {
        static_assert(std::is_integral_v<N>);
        auto rest = static_cast<std::make_unsigned_t<N>>(n);
        for (std::size_t i = 0; i < sizeof(N); ++i) {
            out_.push_back(static_cast<char>(rest & 0xff));
            if constexpr (sizeof(N) > 1) rest = static_cast<decltype(rest)>(rest >> 8);
        }
        return *this;
    }
    Encoder& flag(bool b) { return number(static_cast<std::uint8_t>(b)); }
    Encoder& bytes(std::string_view b) {
        number(static_cast<std::uint32_t>(b.size()));
        out_.append(b);
        return *this;
    }
    std::string finish() { return std::move(out_); }

  private:
    std::string out_;
};

/// Reads what Encoder wrote. After the first read past the end everything is zero or empty and `finished` is
/// false.
class Decoder {
  public:
    explicit Decoder(std::string_view in) : in_(in) {}
    template <class N>
    N number() {
        const auto raw = take(sizeof(N));
        std::make_unsigned_t<N> n = 0;
        for (std::size_t i = raw.size(); i-- > 0;) {
            if constexpr (sizeof(N) > 1) n = static_cast<decltype(n)>(n << 8);
            n = static_cast<decltype(n)>(n | static_cast<unsigned char>(raw[i]));
        }
        return static_cast<N>(n);
    }
    bool flag() {
        const auto n = number<std::uint8_t>();
        ok_ = ok_ && n <= 1;
        return n == 1;
    }
    std::string bytes() { return std::string(take(number<std::uint32_t>())); }
    /// How many elements follow, each of at least `smallest` bytes; a count that cannot be is an error.
    std::uint32_t count(std::size_t smallest) {
        const auto n = number<std::uint32_t>();
        if (n > in_.size() / smallest) ok_ = false;
        return ok_ ? n : 0;
    }
    /// What was read cannot be.
    void refuse() { ok_ = false; }
    /// All of it was read, and no more.
    bool finished() const { return ok_ && in_.empty(); }

  private:
    std::string_view take(std::size_t n) {
        if (n > in_.size()) ok_ = false;
        if (!ok_) return {};
        const auto out = in_.substr(0, n);
        in_.remove_prefix(n);
        return out;
    }
    std::string_view in_;
    bool ok_ = true;
};

}  // namespace halcyon::state
