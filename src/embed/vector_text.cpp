#include "embed/vector_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace halcyon::embed {
namespace {

// From here on a number is rounded to infinity as a 32-bit float: its largest value and half a step.
constexpr double smallest_infinity = 0x1.ffffffp127;

bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip(std::string_view text, std::size_t at, bool (*kind)(char)) {
    while (at < text.size() && kind(text[at])) ++at;
    return at;
}

/// Length of the JSON number (RFC 8259, 6) at the front; 0 if there is none. `plain`: it has no exponent and
/// few digits before the point, so that it must fit into a float.
std::size_t number_length(std::string_view text, bool& plain) {
    std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    const auto whole = skip(text, at, digit);
    if (whole == at || (text[at] == '0' && whole > at + 1)) return 0;
    plain = whole - at <= 30;
    at = whole;
    if (at < text.size() && text[at] == '.') {
        const auto fraction = skip(text, at + 1, digit);
        if (fraction == at + 1) return 0;
        at = fraction;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        plain = false;
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const auto exponent = skip(text, at, digit);
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

Result<EncodedVector> read_vector(std::string_view text) {
    EncodedVector vector;
    vector.json.reserve(text.size());
    auto at = skip(text, 0, blank);
    if (at == text.size() || text[at] != '[') return broken();
    vector.json += '[';
    at = skip(text, at + 1, blank);
    if (at < text.size() && text[at] == ']' && skip(text, at + 1, blank) == text.size()) {
        vector.json += ']';
        return vector;
    }
    for (;;) {
        bool plain = false;
        const auto length = number_length(text.substr(at), plain);
        const auto number = text.substr(at, length);
        at = skip(text, at + length, blank);
        const bool ends = at < text.size() && (text[at] == ',' || text[at] == ']');
        if (length == 0 || !ends || !(plain || fits_float(number)))
            return fail(Verdict::reject, Cause::rejected,
                        fmt::format("the service sent a vector whose element {} is no finite number",
                                    vector.dimension));
        vector.json.append(number);
        ++vector.dimension;
        const char separator = text[at];
        vector.json += separator;
        at = skip(text, at + 1, blank);
        if (separator == ']') break;
    }
    if (at != text.size()) return broken();
    return vector;
}

}  // namespace halcyon::embed
