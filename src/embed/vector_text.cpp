#include "embed/vector_text.hpp"

#include <fmt/format.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace halcyon::embed {
namespace {

// From here on a number is rounded to infinity as a 32-bit float: its largest value and half a step.
constexpr double smallest_infinity = 0x1.ffffffp127;

constexpr bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
constexpr bool digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && blank(text[at])) ++at;
    return at;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && digit(text[at])) ++at;
    return at;
}

/// Which of the first 16 bytes are no digits, a bit each; the bit behind them is set.
/// REQUIRES: 16 bytes at `text`; little endian.
std::uint32_t others_of_16(const char* text) {
#ifdef __SSE2__
    __m128i bytes;
    std::memcpy(&bytes, text, sizeof bytes);
    const auto values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const auto digits = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(digits)) ^ 0x1ffffU;
#else
    constexpr std::uint64_t each = 0x0101010101010101;
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), text, 16);
    std::uint32_t bits = 1U << 16;
    for (unsigned i = 0; i < 2; ++i) {
        const auto word = words[i] ^ ('0' * each);
        // The high bit of each byte that is above 9; nothing is carried from one byte to the next.
        const auto others = (((word & (0x7f * each)) + 0x76 * each) | word) & (0x80 * each);
        bits |= static_cast<std::uint32_t>((others >> 7) * 0x0102040810204080 >> 56) << (8 * i);
    }
    return bits;
#endif
}

/// Length of a number as services print nearly all of them: -0.0123456, and a comma or a bracket behind it;
/// 0: look closer. No branch in it depends on the number.
std::size_t usual_length(std::string_view text) {
    if (std::endian::native != std::endian::little || text.size() < 16) return 0;
    const std::uint32_t minus = text[0] == '-' ? 1 : 0;
    const auto others = others_of_16(text.data()) & ~minus;
    const auto point = static_cast<std::uint32_t>(std::countr_zero(others));
    const auto end = static_cast<std::uint32_t>(std::countr_zero(others & (others - 1)));
    const bool usual = point == minus + 1 && text[point & 15U] == '.' && end > point + 1 && end < 16 &&
                       (text[end & 15U] == ',' || text[end & 15U] == ']');
    return usual ? end : 0;
}

/// Length of the JSON number (RFC 8259, 6) at the front; 0 if there is none. `plain`: it has no exponent and
/// few digits before the point, so that it must fit into a float.
std::size_t number_length(std::string_view text, bool& plain) {
    std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    const auto whole = skip_digits(text, at);
    if (whole == at || (text[at] == '0' && whole > at + 1)) return 0;
    plain = whole - at <= 30;
    at = whole;
    if (at < text.size() && text[at] == '.') {
        const auto fraction = skip_digits(text, at + 1);
        if (fraction == at + 1) return 0;
        at = fraction;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        plain = false;
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const auto exponent = skip_digits(text, at);
        if (exponent == at) return 0;
        at = exponent;
    }
    return at;
}

bool fits_float(std::string_view number) {
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error == std::errc::result_out_of_range) {
        // Too small is zero for everybody; too large is not.
        return number.find("e-") != number.npos || number.find("E-") != number.npos;
    }
    return error == std::errc{} && std::abs(value) < smallest_infinity;
}

auto broken() {
    return fail(Verdict::retry, Cause::internal, "the service sent a vector that is no JSON array");
}

}  // namespace

Result<EncodedVector> take_vector(std::string_view& rest) {
    const auto text = rest;
    EncodedVector vector;
    bool blanks = false;
    const auto skip = [&](std::size_t from) {
        const auto at = skip_blanks(text, from);
        blanks = blanks || at != from;
        return at;
    };
    auto at = skip(0);
    if (at == text.size() || text[at] != '[') return broken();
    at = skip(at + 1);
    if (at < text.size() && text[at] == ']') {
        ++at;
    } else {
        for (char separator = ','; separator != ']'; ++vector.dimension) {
            if (const auto usual = usual_length(text.substr(at)); usual != 0) {
                at += usual;
            } else {
                bool plain = true;
                const auto length = number_length(text.substr(at), plain);
                const auto number = text.substr(at, length);
                at = skip(at + length);
                const bool ends = at < text.size() && (text[at] == ',' || text[at] == ']');
                if (length == 0 || !ends || !(plain || fits_float(number)))
                    return fail(Verdict::reject, Cause::rejected,
                                fmt::format("the service sent a vector whose element {} is no finite number",
                                            vector.dimension));
            }
            separator = text[at++];
            if (separator == ',' && at < text.size() && text[at] <= ' ') at = skip(at);
        }
    }
    vector.json = text.substr(0, at);
    if (blanks) std::erase_if(vector.json, blank);
    rest.remove_prefix(at);
    return vector;
}

Result<EncodedVector> read_vector(std::string_view text) {
    HALCYON_TRY(auto vector, take_vector(text));
    if (skip_blanks(text, 0) != text.size()) return broken();
    return vector;
}

Result<std::vector<EncodedVector>> read_vectors(std::string_view text) {
    std::vector<EncodedVector> vectors;
    std::size_t at = skip_blanks(text, 0);
    if (at == text.size() || text[at] != '[') return broken();
    text.remove_prefix(skip_blanks(text, at + 1));
    if (text.starts_with(']')) {
        text.remove_prefix(1);
    } else {
        for (char separator = ','; separator != ']';) {
            HALCYON_TRY(auto vector, take_vector(text));
            vectors.push_back(std::move(vector));
            text.remove_prefix(skip_blanks(text, 0));
            separator = text.empty() ? '\0' : text.front();
            if (separator != ',' && separator != ']') return broken();
            text.remove_prefix(1);
        }
    }
    if (skip_blanks(text, 0) != text.size()) return broken();
    return vectors;
}

}  // namespace halcyon::embed
