#include "core/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace halcyon::bson {
namespace {

using Wide = unsigned __int128;

// IEEE 754-2008 decimal128 in BSON's binary integer decimal encoding.
constexpr int bias = 6176;
constexpr int highest_exponent = 6111;
constexpr Wide ten_to_17 = 100'000'000'000'000'000ULL;
constexpr Wide coefficient_end = ten_to_17 * ten_to_17;

std::string_view raw(const auto& value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

Number from_int64(std::int64_t i) {
    Number n;
    n.int64 = i;
    return n;
}

Number from_real(double d) {
    if (d >= -0x1p63 && d < 0x1p63 && std::trunc(d) == d) return from_int64(static_cast<std::int64_t>(d));
    Number n;
    n.kind = Number::Kind::real;
    n.real = std::isnan(d) ? std::numeric_limits<double>::quiet_NaN() : d;
    return n;
}

std::optional<std::int64_t> exact_int64(const Number& n) {
    if (n.exponent < 0 || n.exponent > 18) return std::nullopt;
    const Wide limit = (Wide{1} << 63) - (n.negative ? 0 : 1);
    Wide value = n.coefficient;
    for (int i = 0; i < n.exponent && value <= limit; ++i) value *= 10;
    if (value > limit) return std::nullopt;
    const auto bits = static_cast<std::uint64_t>(value);
    return static_cast<std::int64_t>(n.negative ? ~bits + 1 : bits);
}

std::optional<double> exact_real(const Number& n) {
    constexpr Wide mantissa_end = Wide{1} << 53;
    Wide odd = n.coefficient;
    for (int i = n.exponent; i < 0; ++i) {
        if (odd % 5 != 0) return std::nullopt;
        odd /= 5;
    }
    int shift = n.exponent;
    while ((odd & 1) == 0) odd >>= 1, ++shift;
    for (int i = 0; i < n.exponent && odd < mantissa_end; ++i) odd *= 5;
    if (odd >= mantissa_end) return std::nullopt;
    const double value = std::ldexp(static_cast<double>(static_cast<std::uint64_t>(odd)), shift);
    return n.negative ? -value : value;
}

Number from_decimal(std::uint64_t low, std::uint64_t high) {
    const bool negative = high >> 63 != 0;
    const auto special = (high >> 58) & 31;
    if (special == 31) return from_real(std::numeric_limits<double>::quiet_NaN());
    if (special == 30)
        return from_real(negative ? -std::numeric_limits<double>::infinity()
                                  : std::numeric_limits<double>::infinity());
    // The long form, and a coefficient of more than 34 digits, are not canonical and stand for zero.
    if ((high >> 61 & 3) == 3) return from_int64(0);
    const Wide coefficient = (Wide{high & 0x1'ffff'ffff'ffffULL} << 64) | low;
    if (coefficient == 0 || coefficient >= coefficient_end) return from_int64(0);

    Number n;
    n.kind = Number::Kind::decimal;
    n.negative = negative;
    n.coefficient = coefficient;
    n.exponent = static_cast<int>(high >> 49 & 0x3fff) - bias;
    while (n.coefficient % 10 == 0) n.coefficient /= 10, ++n.exponent;
    if (const auto i = exact_int64(n)) return from_int64(*i);
    if (const auto d = exact_real(n)) return from_real(*d);
    return n;
}

/// 0.DIGITS * 10^exponent, at most 34 digits.
struct Digits {
    bool negative = false;
    bool zero = false;
    int exponent = 0;
    std::array<char, 40> digits{};

    void set(Wide value, int exponent10) {
        std::array<char, 40> reversed{};
        std::size_t count = 0;
        for (; value != 0; value /= 10)
            reversed[count++] = static_cast<char>('0' + static_cast<int>(value % 10));
        digits.fill('0');
        std::reverse_copy(reversed.begin(), reversed.begin() + static_cast<std::ptrdiff_t>(count),
                          digits.begin());
        exponent = static_cast<int>(count) + exponent10;
        zero = count == 0;
    }
};

Digits digits_of(const Number& n) {
    Digits d;
    switch (n.kind) {
        case Number::Kind::int64: {
            const auto bits = static_cast<std::uint64_t>(n.int64);
            d.negative = n.int64 < 0;
            d.set(d.negative ? ~bits + 1 : bits, 0);
            break;
        }
        case Number::Kind::decimal:
            d.negative = n.negative;
            d.set(n.coefficient, n.exponent);
            break;
        case Number::Kind::real: {
            std::array<char, 64> text{};
            const auto end = std::to_chars(text.data(), text.data() + text.size(), std::fabs(n.real),
                                           std::chars_format::scientific, 33)
                                 .ptr;
            d.negative = n.real < 0;
            d.digits.fill('0');
            d.digits[0] = text[0];
            std::copy_n(text.data() + 2, 33, d.digits.data() + 1);
            int exponent = 0;
            const char* at = text.data() + 36;  // d.<33 digits>e+XX
            std::from_chars(*at == '+' ? at + 1 : at, end, exponent);
            d.exponent = exponent + 1;
            break;
        }
    }
    return d;
}

std::weak_ordering by_digits(const Number& a, const Number& b) {
    const auto x = digits_of(a);
    const auto y = digits_of(b);
    const int sign_x = x.zero ? 0 : x.negative ? -1 : 1;
    const int sign_y = y.zero ? 0 : y.negative ? -1 : 1;
    if (sign_x != sign_y) return sign_x <=> sign_y;
    auto magnitude = x.exponent <=> y.exponent;
    if (magnitude == 0) magnitude = std::memcmp(x.digits.data(), y.digits.data(), x.digits.size()) <=> 0;
    return sign_x < 0 ? 0 <=> magnitude : magnitude;
}

/// REQUIRES: `d` is not integral in int64's range, so they differ.
std::weak_ordering int_with_real(std::int64_t i, double d) {
    if (d >= 0x1p63) return std::weak_ordering::less;
    if (d < -0x1p63) return std::weak_ordering::greater;
    return i <= static_cast<std::int64_t>(std::floor(d)) ? std::weak_ordering::less
                                                         : std::weak_ordering::greater;
}

}  // namespace

Number Number::of(Value value) {
    switch (value.type) {
        case Type::int32:
            return from_int64(value.int32());
        case Type::int64:
            return from_int64(value.int64());
        case Type::real:
            return from_real(value.real());
        default:
            return from_decimal(load<std::uint64_t>(value.bytes.data()),
                                load<std::uint64_t>(value.bytes.data() + 8));
    }
}

void Number::append_to(std::string& out, std::string_view key) const {
    switch (kind) {
        case Kind::int64:
            append(out, Type::int64, key, raw(int64));
            break;
        case Kind::real:
            append(out, Type::real, key, raw(real));
            break;
        case Kind::decimal: {
            auto c = coefficient;
            auto e = exponent;
            for (; e > highest_exponent; --e) c *= 10;
            const std::array<std::uint64_t, 2> words{static_cast<std::uint64_t>(c),
                                                     static_cast<std::uint64_t>(c >> 64) |
                                                         static_cast<std::uint64_t>(e + bias) << 49 |
                                                         (negative ? std::uint64_t{1} << 63 : 0)};
            append(out, Type::decimal128, key, raw(words));
            break;
        }
    }
}

std::weak_ordering compare(const Number& a, const Number& b) {
    using Kind = Number::Kind;
    if (a.is_nan() || b.is_nan()) return b.is_nan() <=> a.is_nan();
    if (a.kind == Kind::int64 && b.kind == Kind::int64) return a.int64 <=> b.int64;
    if (a.kind == Kind::real && b.kind == Kind::real)
        return a.real < b.real   ? std::weak_ordering::less
               : a.real > b.real ? std::weak_ordering::greater
                                 : std::weak_ordering::equivalent;
    if (a.kind == Kind::real && std::isinf(a.real))
        return a.real < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
    if (b.kind == Kind::real && std::isinf(b.real))
        return b.real < 0 ? std::weak_ordering::greater : std::weak_ordering::less;
    if (a.kind == Kind::int64 && b.kind == Kind::real) return int_with_real(a.int64, b.real);
    if (a.kind == Kind::real && b.kind == Kind::int64) return 0 <=> int_with_real(b.int64, a.real);
    return by_digits(a, b);
}

}  // namespace halcyon::bson
