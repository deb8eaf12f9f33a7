#include "devstack/mongo/token.hpp"

#include <algorithm>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

constexpr unsigned char false_byte = 0x6E;
constexpr unsigned char true_byte = 0x6F;
constexpr unsigned char end_byte = 0x04;
constexpr std::int64_t version = 1;
constexpr std::int64_t event_type = 128;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

void append_time(std::string& out, ClusterTime time) {
    out += static_cast<char>(0x82);
    for (int i = 7; i >= 0; --i) out += static_cast<char>(time >> (8 * i));
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string Token::to_bson() const {
    Builder out;
    out.add("_data", data);
    if (!type_bits.empty()) out.binary("_typeBits", type_bits, 0);
    return out.finish();
}

Token event_token(const Entry& entry, bool invalidate) {
    std::string key;
    TypeBits bits;
    append_time(key, entry.time);
    append_integer_key(key, version, &bits);
    append_integer_key(key, event_type, &bits);
    append_integer_key(key, entry.txn_index, &bits);
    key += static_cast<char>(invalidate ? true_byte : false_byte);
    if (!entry.ns->uuid.empty()) {
        key += static_cast<char>(0x5A);
        key += static_cast<char>(16);
        key += static_cast<char>(4);
        key += entry.ns->uuid;
    }
    if (entry.op == Op::insert || entry.op == Op::update || entry.op == Op::replace ||
        entry.op == Op::remove) {
        const Doc& source = entry.key ? entry.key : entry.document;
        const Element id{"_id", View(*source)["_id"]};
        key += static_cast<char>(0x46);
        key += static_cast<char>(canonical_type(id.value.type));
        key.append("_id\0", 4);
        append_key(key, id.value, &bits);
        key += '\0';
    }
    key += static_cast<char>(end_byte);
    return {to_hex(key), bits.all_zero() ? std::string() : bits.encoded()};
}

Token high_water_token(ClusterTime time) {
    std::string key;
    append_time(key, time);
    append_integer_key(key, version, nullptr);
    append_integer_key(key, 0, nullptr);
    append_integer_key(key, 0, nullptr);
    key += static_cast<char>(false_byte);
    key += static_cast<char>(end_byte);
    return {to_hex(key), {}};
}

DecodedToken decode_token(const Value& value) {
    if (!value.is_object()) throw CommandError(40647, "Bad resume token: expected an object");
    const Value data = value.as_document()["_data"];
    if (!data.is_string()) {
        // The server writes this one without the blanks that its other messages have.
        std::string shown = "{";
        for (const Element& element : value.as_document())
            shown +=
                (shown.size() > 1 ? ", " : "") + std::string(element.name) + ": " + to_text(element.value);
        throw CommandError(
            40647,
            "Bad resume token: _data of missing or of wrong type. Expected string, got " + shown + "}");
    }
    DecodedToken out;
    out.token.data = data.as_string();
    if (const Value bits = value.as_document()["_typeBits"]; bits.type == Type::binary)
        out.token.type_bits = bits.bytes.substr(5);
    const std::string& hex = out.token.data;
    if (hex.empty()) throw CommandError(40649, "invalid empty resume token");
    if (hex.size() % 2 != 0 || std::any_of(hex.begin(), hex.end(), [](char c) { return digit(c) < 0; }))
        throw CommandError(9, "resume token string was not a valid hex string");
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    if (static_cast<unsigned char>(bytes[0]) != 0x82) throw CommandError(50811, "Invalid resume token");
    if (bytes.size() < 9)
        throw CommandError(15, "Invalid advance (8) past end of buffer[" + std::to_string(bytes.size() - 1) +
                                   "] at offset: 0");
    for (std::size_t i = 1; i < 9; ++i) out.time = out.time << 8 | static_cast<unsigned char>(bytes[i]);
    // 2B02: version 1; then the type, 2C0100 for an event, 29 for a high water mark; then the index, 29, 2Bxx
    // or 2Cxxxx.
    std::size_t at = 9;
    const auto skip_number = [&] {
        if (at >= bytes.size()) return;
        const auto type = static_cast<unsigned char>(bytes[at]);
        at += type >= 0x2B && type <= 0x32 ? static_cast<std::size_t>(type - 0x2B) + 2 : 1;
    };
    skip_number();
    out.names_event = at < bytes.size() && static_cast<unsigned char>(bytes[at]) != 0x29;
    skip_number();
    skip_number();
    out.invalidate = at < bytes.size() && static_cast<unsigned char>(bytes[at]) == true_byte;
    return out;
}

}  // namespace halcyon::devstack::mongo
