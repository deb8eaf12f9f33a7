#include "core/bson.hpp"

#include <bson/bson.h>

#include <array>

namespace halcyon::bson {
namespace {

constexpr std::size_t malformed = ~std::size_t{0};

/// Length of a value that starts with the length of what follows its first `head` bytes.
std::size_t counted(std::string_view rest, std::size_t head, std::int32_t least) {
    if (rest.size() < head) return malformed;
    const auto length = load<std::int32_t>(rest.data());
    if (length < least || static_cast<std::size_t>(length) > rest.size() - head) return malformed;
    return head + static_cast<std::size_t>(length);
}

std::size_t string_size(std::string_view rest) {
    const auto size = counted(rest, 4, 1);
    return size == malformed || rest[size - 1] != 0 ? malformed : size;
}

std::size_t document_size(std::string_view rest) {
    if (rest.size() < 5) return malformed;
    const auto length = load<std::int32_t>(rest.data());
    if (length < 5 || static_cast<std::size_t>(length) > rest.size()) return malformed;
    const auto size = static_cast<std::size_t>(length);
    return rest[size - 1] == 0 ? size : malformed;
}

std::size_t binary_size(std::string_view rest) {
    const auto size = counted(rest, 5, 0);
    if (size == malformed || rest[4] != 2) return size;
    if (size < 9 || load<std::uint32_t>(rest.data() + 5) != size - 9) return malformed;
    return size;
}

std::size_t regex_size(std::string_view rest) {
    const auto pattern = rest.find('\0');
    if (pattern == std::string_view::npos) return malformed;
    const auto options = rest.find('\0', pattern + 1);
    return options == std::string_view::npos ? malformed : options + 1;
}

std::size_t code_with_scope_size(std::string_view rest) {
    if (rest.size() < 14) return malformed;
    const auto length = load<std::int32_t>(rest.data());
    if (length < 14 || static_cast<std::size_t>(length) > rest.size()) return malformed;
    const auto inside = rest.substr(4, static_cast<std::size_t>(length) - 4);
    const auto code = string_size(inside);
    if (code == malformed || document_size(inside.substr(code)) != inside.size() - code) return malformed;
    return static_cast<std::size_t>(length);
}

std::size_t value_size(Type type, std::string_view rest) {
    switch (type) {
        case Type::real:
        case Type::date:
        case Type::timestamp:
        case Type::int64:
            return 8;
        case Type::string:
        case Type::code:
        case Type::symbol:
            return string_size(rest);
        case Type::object:
        case Type::array:
            return document_size(rest);
        case Type::binary:
            return binary_size(rest);
        case Type::undefined:
        case Type::null:
        case Type::max_key:
        case Type::min_key:
            return 0;
        case Type::object_id:
            return 12;
        case Type::boolean:
            return rest.empty() || static_cast<unsigned char>(rest.front()) > 1 ? malformed : 1;
        case Type::regex:
            return regex_size(rest);
        case Type::db_pointer: {
            const auto name = string_size(rest);
            return name == malformed ? malformed : name + 12;
        }
        case Type::code_with_scope:
            return code_with_scope_size(rest);
        case Type::int32:
            return 4;
        case Type::decimal128:
            return 16;
    }
    return malformed;
}

bool well_formed(std::string_view document, unsigned depth) {
    if (depth > max_depth) return false;
    Reader reader(document);
    Field field;
    while (reader.next(field)) {
        if (field.value.is_container() && !well_formed(field.value.bytes, depth + 1)) return false;
        if (field.value.type == Type::code_with_scope) {
            const auto inside = field.value.bytes.substr(4);
            if (!well_formed(inside.substr(string_size(inside)), depth + 1)) return false;
        }
    }
    return !reader.failed();
}

}  // namespace

Reader::Reader(std::string_view document) {
    if (document.size() < 5 || load<std::uint32_t>(document.data()) != document.size() ||
        document.back() != 0) {
        failed_ = true;
        return;
    }
    at_ = document.data() + 4;
    end_ = document.data() + document.size() - 1;
}

bool Reader::next(Field& field) {
    if (failed_ || at_ == end_) return false;
    const auto type = static_cast<Type>(*at_);
    const auto* const key = at_ + 1;
    const auto* const key_end =
        static_cast<const char*>(std::memchr(key, 0, static_cast<std::size_t>(end_ - key)));
    if (key_end == nullptr) return fail();
    const std::string_view rest(key_end + 1, static_cast<std::size_t>(end_ - key_end - 1));
    const auto size = value_size(type, rest);
    if (size > rest.size()) return fail();
    field.key = {key, static_cast<std::size_t>(key_end - key)};
    field.value = {type, rest.substr(0, size)};
    at_ = rest.data() + size;
    return true;
}

bool well_formed(std::string_view document) { return well_formed(document, 1); }

std::string decimal_text(Value value) {
    const bson_decimal128_t decimal{.low = load<std::uint64_t>(value.bytes.data()),
                                    .high = load<std::uint64_t>(value.bytes.data() + 8)};
    std::array<char, BSON_DECIMAL128_STRING> text{};
    bson_decimal128_to_string(&decimal, text.data());
    return text.data();
}

std::string object_id_text(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(24, '0');
    for (std::size_t i = 0; i < 12; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    return out;
}

void append(std::string& out, Type type, std::string_view key, std::string_view value) {
    out += static_cast<char>(type);
    out += key;
    out += '\0';
    out += value;
}

void append_text(std::string& out, Type type, std::string_view key, std::string_view text) {
    append(out, type, key, {});
    const auto length = static_cast<std::uint32_t>(text.size() + 1);
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
    out += text;
    out += '\0';
}

std::size_t open(std::string& out) {
    out.append(4, '\0');
    return out.size() - 4;
}

void close(std::string& out, std::size_t opened) {
    out += '\0';
    const auto length = static_cast<std::uint32_t>(out.size() - opened);
    std::memcpy(out.data() + opened, &length, sizeof length);
}

}  // namespace halcyon::bson
