#include "mongo/token.hpp"

#include <limits>

#include "mongo/bson.hpp"

namespace halcyon::mongo {
namespace {

// KeyString type bytes (ascending values only; a token's fields are never descending).
constexpr unsigned numeric_zero = 0x29;
constexpr unsigned numeric_positive_1_byte = 0x2b;
constexpr unsigned numeric_positive_8_bytes = 0x32;
constexpr unsigned bool_false = 0x6e;
constexpr unsigned bool_true = 0x6f;
constexpr unsigned timestamp = 0x82;
constexpr std::uint32_t high_water_type = 0;
constexpr std::uint32_t event_type = 128;

std::optional<unsigned> nibble(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    return {};
}

class Cursor {
  public:
    explicit Cursor(std::string_view hex) : rest_(hex) {}

    std::optional<unsigned> byte() {
        if (rest_.size() < 2) return {};
        const auto high = nibble(rest_[0]);
        const auto low = nibble(rest_[1]);
        if (!high || !low) return {};
        rest_.remove_prefix(2);
        return *high << 4U | *low;
    }

    std::optional<std::uint64_t> big_endian(unsigned bytes) {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < bytes; ++i) {
            const auto b = byte();
            if (!b) return {};
            value = value << 8U | *b;
        }
        return value;
    }

    /// A non-negative KeyString integer that fits 32 bits.
    std::optional<std::uint32_t> integer() {
        const auto type = byte();
        if (!type) return {};
        if (*type == numeric_zero) return 0;
        if (*type < numeric_positive_1_byte || *type > numeric_positive_8_bytes) return {};
        const auto bits = big_endian(*type - numeric_positive_1_byte + 1);
        // The lowest bit says that a fraction follows.
        if (!bits || (*bits & 1U) != 0) return {};
        const auto value = *bits >> 1U;
        if (value > std::numeric_limits<std::uint32_t>::max()) return {};
        return static_cast<std::uint32_t>(value);
    }

    std::optional<ClusterTime> time() {
        if (byte() != timestamp) return {};
        const auto bits = big_endian(8);
        if (!bits) return {};
        return ClusterTime{static_cast<std::uint32_t>(*bits >> 32U), static_cast<std::uint32_t>(*bits)};
    }

  private:
    std::string_view rest_;
};

}  // namespace

std::optional<TokenHead> decode_token(std::string_view hex) {
    Cursor at(hex);
    TokenHead head;
    const auto time = at.time();
    const auto version = time ? at.integer() : std::nullopt;
    if (!version || *version > 2) return {};
    head.time = *time;
    head.version = *version;
    std::optional<std::uint32_t> type;
    if (*version >= 1) {
        type = at.integer();
        if (type != high_water_type && type != event_type) return {};
        head.high_water = type == high_water_type;
    }
    const auto operation = at.integer();
    if (!operation) return {};
    head.operation = *operation;
    // Version 0 has no such flag; there, and at the end of a short form, it is false.
    if (*version >= 1) {
        const auto flag = at.byte();
        if (flag != bool_false && flag != bool_true) return {};
        head.invalidate = *flag == bool_true;
    }
    return head;
}

std::optional<TokenHead> decode_token_bson(std::string_view bson) {
    const auto hex = find_text(bson, "_data");
    return hex ? decode_token(*hex) : std::nullopt;
}

std::optional<ClusterTime> token_time(std::string_view hex) { return Cursor(hex).time(); }

}  // namespace halcyon::mongo
