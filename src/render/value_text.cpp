#include "render/value_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

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
    using namespace std::chrono;
    constexpr std::int64_t year_0 = -62'167'219'200'000;
    constexpr std::int64_t year_10000 = 253'402'300'800'000;
    if (ms < year_0 || ms >= year_10000) return false;
    const sys_time<milliseconds> at{milliseconds{ms}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    auto left = static_cast<unsigned>((at - day).count());
    std::array<char, 24> text{};
    const auto put = [&](std::size_t from, unsigned width, unsigned number) {
        for (; width > 0; --width, number /= 10)
            text[from + width - 1] = static_cast<char>('0' + number % 10);
    };
    put(0, 4, static_cast<unsigned>(int{date.year()}));
    put(5, 2, unsigned{date.month()});
    put(8, 2, unsigned{date.day()});
    put(20, 3, left % 1000);
    left /= 1000;
    put(17, 2, left % 60);
    put(14, 2, left / 60 % 60);
    put(11, 2, left / 3600);
    text[4] = text[7] = '-';
    text[10] = 'T';
    text[13] = text[16] = ':';
    text[19] = '.';
    text[23] = 'Z';
    out.append(text.data(), text.size());
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

std::string tidy(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
    for (std::size_t i = 0; i < text.size();) {
        if (blank(text[i])) {
            std::size_t lines = 0;
            for (; i < text.size() && blank(text[i]); ++i) lines += text[i] == '\n' ? 1 : 0;
            if (!out.empty() && i < text.size()) out += lines > 1 ? "\n\n" : lines == 1 ? "\n" : " ";
        } else if (static_cast<unsigned char>(text[i]) < 0x80) {
            const auto start = i;
            while (i < text.size() && !blank(text[i]) && static_cast<unsigned char>(text[i]) < 0x80) ++i;
            out.append(text.substr(start, i - start));
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
