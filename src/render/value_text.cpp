#include "render/value_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/time.hpp"
#include "core/json_text.hpp"
#include "core/utf8.hpp"
#include "render/compare.hpp"

namespace halcyon::render {
namespace {

using bson::Type;

void append_real(std::string& out, double value) {
    if (!std::isfinite(value)) return;
    std::array<char, 32> text{};
    const auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

bool append_elements(std::string& out, const bson::Value& value, unsigned depth) {
    if (depth > max_depth) return false;
    const std::string_view separator = value.type == Type::array ? ", " : " ";
    bson::Reader reader(value.bytes);
    bool any = false;
    for (bson::Field field; reader.next(field);) {
        const auto before = out.size();
        if (any) out += separator;
        const auto start = out.size();
        if (!append_value_text(out, field.value, depth + 1)) return false;
        if (out.size() == start)
            out.resize(before);
        else
            any = true;
    }
    return !reader.failed();
}

}  // namespace

bool append_date(std::string& out, std::int64_t ms) {
    constexpr std::int64_t year_0 = -62'167'219'200'000;
    constexpr std::int64_t year_10000 = 253'402'300'800'000;
    if (ms < year_0 || ms >= year_10000) return false;
    out += rfc3339(WallTime{ms});
    return true;
}

void append_uuid(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[static_cast<unsigned char>(bytes[i]) >> 4];
        out += digits[static_cast<unsigned char>(bytes[i]) & 15];
    }
}

bool append_value_text(std::string& out, const bson::Value& value, unsigned depth) {
    switch (value.type) {
        case Type::string:
        case Type::symbol:
            out += value.text();
            return true;
        case Type::int32:
            json::append_int(out, value.int32());
            return true;
        case Type::int64:
            json::append_int(out, value.int64());
            return true;
        case Type::real:
            append_real(out, value.real());
            return true;
        case Type::decimal128:
            out += bson::decimal_text(value);
            return true;
        case Type::boolean:
            out += value.boolean() ? "true" : "false";
            return true;
        case Type::date:
            append_date(out, value.int64());
            return true;
        case Type::object_id:
            out += bson::object_id_text(value.bytes);
            return true;
        case Type::binary:
            if (value.subtype() == 4 && value.binary().size() == 16) append_uuid(out, value.binary());
            return true;
        case Type::object:
        case Type::array:
            return append_elements(out, value, depth);
        default:
            return true;
    }
}

namespace {

constexpr bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }

/// Most texts: ASCII with single spaces and line ends between words. Looks at all of it, without a branch a
/// character, so that the compiler takes many at once.
bool is_tidy(std::string_view text) {
    const auto space = [](char c) -> unsigned { return c == ' ' || c == '\n'; };
    const auto other = [](char c) -> unsigned {
        return c != '\n' && static_cast<unsigned char>(c - ' ') > '~' - ' ';
    };
    if (text.empty()) return true;
    unsigned bad = space(text.front()) | space(text.back()) | other(text.back());
    for (std::size_t i = 0; i + 1 < text.size(); ++i)
        bad |= other(text[i]) | (space(text[i]) & space(text[i + 1]));
    return bad == 0;
}

/// How much of the beginning stays as it is: ASCII with single spaces between words.
std::size_t tidy_prefix(std::string_view text) {
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 0x7f) continue;
        const bool single = c == ' ' && i > 0 && i + 1 < text.size() && !is_blank(text[i + 1]);
        if (!single) break;
    }
    return i;
}

}  // namespace

std::string tidy(std::string_view text) {
    if (is_tidy(text)) return std::string(text);
    std::string out;
    out.reserve(text.size());
    auto i = tidy_prefix(text);
    out.append(text.substr(0, i));
    while (i < text.size()) {
        if (is_blank(text[i])) {
            std::size_t lines = 0;
            for (; i < text.size() && is_blank(text[i]); ++i) lines += text[i] == '\n' ? 1 : 0;
            if (!out.empty() && i < text.size()) out += lines > 1 ? "\n\n" : lines == 1 ? "\n" : " ";
        } else if (static_cast<unsigned char>(text[i]) < 0x80) {
            const auto size = tidy_prefix(text.substr(i));
            out.append(text.substr(i, size));
            i += size;
        } else if (const auto size = utf8::character(text.substr(i)); size != 0) {
            out.append(text.substr(i, size));
            i += size;
        } else {
            out += utf8::replacement;
            ++i;
        }
    }
    return out;
}

}  // namespace halcyon::render
