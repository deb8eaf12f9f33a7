#include "devstack/mongo/keystring.hpp"

#include <bson/bson.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace halcyon::devstack::mongo {
namespace {

constexpr unsigned char numeric_nan = 0x1E;
constexpr unsigned char negative_large = 0x1F;
constexpr unsigned char negative_1_byte = 0x27;
constexpr unsigned char negative_small = 0x28;
constexpr unsigned char zero = 0x29;
constexpr unsigned char positive_small = 0x2A;
constexpr unsigned char positive_1_byte = 0x2B;
constexpr unsigned char positive_large = 0x33;

void byte(std::string& out, unsigned value) { out += static_cast<char>(value); }

void big_endian(std::string& out, std::uint64_t value, unsigned bytes, bool invert) {
    if (invert) value = ~value;
    for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i));
}

unsigned bytes_of(std::uint64_t value) {
    return (64U - static_cast<unsigned>(std::countl_zero(value)) + 7U) / 8U;
}

// The integer part shifted left by one; its lowest bit says that a fraction follows.
unsigned append_preshifted(std::string& out, std::uint64_t shifted, bool negative) {
    const unsigned bytes = bytes_of(shifted);
    byte(out, negative ? negative_1_byte - (bytes - 1) : positive_1_byte + (bytes - 1));
    big_endian(out, shifted, bytes, negative);
    return bytes;
}

void append_integer(std::string& out, std::int64_t value) {
    if (value == 0) return byte(out, zero);
    const bool negative = value < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    if (magnitude >> 63 != 0) {
        byte(out, negative_large);
        return big_endian(out, std::bit_cast<std::uint64_t>(static_cast<double>(magnitude)), 8, true);
    }
    append_preshifted(out, magnitude << 1, negative);
}

void append_double(std::string& out, double value) {
    if (std::isnan(value)) return byte(out, numeric_nan);
    if (value == 0) return byte(out, zero);
    const bool negative = value < 0;
    const double magnitude = std::fabs(value);
    if (magnitude < 1.0) {
        byte(out, negative ? negative_small : positive_small);
        // The tiniest have no room for the two bits that tell decimals from doubles; the rest is scaled to
        // make it.
        std::uint64_t bits = std::bit_cast<std::uint64_t>(magnitude);
        if (magnitude >= 0x1p-255) bits = std::bit_cast<std::uint64_t>(magnitude * 0x1p256) << 2;
        return big_endian(out, bits, 8, negative);
    }
    if (magnitude >= 0x1p63) {
        byte(out, negative ? negative_large : positive_large);
        return big_endian(out, std::bit_cast<std::uint64_t>(magnitude), 8, negative);
    }
    const auto whole = static_cast<std::uint64_t>(magnitude);
    const double fraction = magnitude - static_cast<double>(whole);
    if (fraction == 0) {
        append_preshifted(out, whole << 1, negative);
        return;
    }
    const unsigned left = 8 - append_preshifted(out, (whole << 1) | 1, negative);
    big_endian(out, static_cast<std::uint64_t>(std::ldexp(fraction, static_cast<int>(8 * left))), left,
               negative);
}

bson_decimal128_t load_decimal(std::string_view bytes) {
    bson_decimal128_t out;
    out.low = load<std::uint64_t>(bytes.data());
    out.high = load<std::uint64_t>(bytes.data() + 8);
    return out;
}

// Decimals sort by their value as a double; where two differ only beyond a double's digits, by what is left
// over.
void append_decimal(std::string& out, std::string_view bytes) {
    const bson_decimal128_t decimal = load_decimal(bytes);
    std::array<char, BSON_DECIMAL128_STRING> text{};
    bson_decimal128_to_string(&decimal, text.data());
    const long double wide = std::strtold(text.data(), nullptr);
    const auto value = static_cast<double>(wide);
    if (std::isnan(value)) return append_double(out, value);
    const long double rest = wide - static_cast<long double>(value);
    if (std::fabs(value) < 0x1p63 && std::fabs(wide) >= 1 && std::floor(wide) == wide)
        return append_integer(out, static_cast<std::int64_t>(wide));
    append_double(out, value);
    if (rest != 0 && std::isfinite(value)) append_double(out, static_cast<double>(rest));
}

unsigned decimal_exponent(std::string_view bytes) {
    const std::uint64_t high = load_decimal(bytes).high;
    const bool wide = ((high >> 61) & 3U) == 3U;
    return static_cast<unsigned>((high >> (wide ? 47 : 49)) & 0x3FFF);
}

void append_text(std::string& out, std::string_view text) {
    for (const char c : text) {
        out += c;
        if (c == 0) out += '\xFF';
    }
    out += '\0';
}

void append_binary(std::string& out, std::string_view bytes) {
    const auto length = load<std::uint32_t>(bytes.data());
    if (length < 0xFF) {
        byte(out, length);
    } else {
        byte(out, 0xFF);
        big_endian(out, length, 4, false);
    }
    out.append(bytes.substr(4));
}

void append_number(std::string& out, const Value& value, TypeBits* bits) {
    switch (value.type) {
        case Type::int32:
        case Type::int64:
            append_integer(out, value.as_int());
            if (bits != nullptr) bits->number(value.type == Type::int32 ? 0 : 2);
            break;
        case Type::real:
            append_double(out, value.as_double());
            if (bits != nullptr) bits->number(1);
            break;
        default:
            append_decimal(out, value.bytes);
            if (bits != nullptr) {
                bits->number(3);
                const unsigned exponent = decimal_exponent(value.bytes);
                for (int i = 5; i >= 0; --i) bits->bit(((exponent >> i) & 1U) != 0);
            }
    }
}

}  // namespace

void TypeBits::bit(bool value) {
    if (count_ % 8 == 0) bytes_ += '\0';
    if (value) {
        bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | (1U << (count_ % 8)));
        any_ = true;
    }
    ++count_;
}

void TypeBits::number(unsigned kind) {
    bit((kind & 1U) != 0);
    bit((kind & 2U) != 0);
}

std::string TypeBits::encoded() const {
    std::string used = bytes_;
    while (!used.empty() && used.back() == 0) used.pop_back();
    if (used.size() == 1 && static_cast<unsigned char>(used[0]) < 0x80) return used;
    return std::string(1, static_cast<char>(0x80U | used.size())) + used;
}

void append_integer_key(std::string& out, std::int64_t value, TypeBits* bits) {
    append_integer(out, value);
    if (bits != nullptr) bits->number(0);
}

unsigned canonical_type(Type type) {
    switch (type) {
        case Type::min_key:
            return 0x0A;
        case Type::undefined:
            return 0x0F;
        case Type::end:
        case Type::null:
            return 0x14;
        case Type::real:
        case Type::int32:
        case Type::int64:
        case Type::decimal:
            return 0x1E;
        case Type::string:
        case Type::symbol:
            return 0x3C;
        case Type::document:
            return 0x46;
        case Type::array:
            return 0x50;
        case Type::binary:
            return 0x5A;
        case Type::object_id:
            return 0x64;
        case Type::boolean:
            return 0x6E;
        case Type::date:
            return 0x78;
        case Type::timestamp:
            return 0x82;
        case Type::regex:
            return 0x8C;
        case Type::db_pointer:
            return 0x96;
        case Type::code:
            return 0xA0;
        case Type::code_with_scope:
            return 0xAA;
        case Type::max_key:
            return 0xF0;
    }
    return 0;
}

void append_key(std::string& out, const Value& value, TypeBits* bits) {
    if (value.is_number()) return append_number(out, value, bits);
    const unsigned type = canonical_type(value.type);
    if (value.type == Type::boolean) return byte(out, type + (value.bytes[0] != 0 ? 1 : 0));
    byte(out, type);
    switch (value.type) {
        case Type::string:
        case Type::symbol:
            if (bits != nullptr) bits->bit(value.type == Type::symbol);
            append_text(out, value.as_string());
            break;
        case Type::code:
            append_text(out, value.as_string());
            break;
        case Type::document:
            append_key(out, value.as_document(), bits);
            break;
        case Type::array:
            for (const Element& item : value.as_document()) append_key(out, item.value, bits);
            byte(out, 0);
            break;
        case Type::binary:
            append_binary(out, value.bytes);
            break;
        case Type::date:
            big_endian(out, static_cast<std::uint64_t>(load<std::int64_t>(value.bytes.data())) ^ (1ULL << 63),
                       8, false);
            break;
        case Type::timestamp:
            big_endian(out, load<std::uint64_t>(value.bytes.data()), 8, false);
            break;
        default:
            out.append(value.bytes);
    }
}

void append_key(std::string& out, View document, TypeBits* bits) {
    for (const Element& element : document) {
        byte(out, canonical_type(element.value.type));
        append_text(out, element.name);
        append_key(out, element.value, bits);
    }
    byte(out, 0);
}

int compare(const Value& a, const Value& b) {
    const unsigned left = canonical_type(a.type);
    const unsigned right = canonical_type(b.type);
    if (left != right) return left < right ? -1 : 1;
    if (a.type == b.type && a.type == Type::int32) {
        const auto x = load<std::int32_t>(a.bytes.data());
        const auto y = load<std::int32_t>(b.bytes.data());
        return x < y ? -1 : (x > y ? 1 : 0);
    }
    if (a.is_string() && b.is_string()) return a.as_string().compare(b.as_string());
    return key_of(a).compare(key_of(b));
}

bool equal(const Value& a, const Value& b) {
    if (a.same(b)) return true;
    if (canonical_type(a.type) != canonical_type(b.type)) return false;
    if (a.is_string() || a.type == Type::object_id) return false;
    return compare(a, b) == 0;
}

}  // namespace halcyon::devstack::mongo
