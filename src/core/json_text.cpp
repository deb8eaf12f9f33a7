#include "core/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/time.hpp"
#include "core/utf8.hpp"

namespace halcyon::json {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Printable ASCII that stands for itself.
constexpr auto plain = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
    return table;
}();

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += hex_digits[static_cast<unsigned char>(c) >> 4];
            out += hex_digits[static_cast<unsigned char>(c) & 15];
    }
}

class ExtendedWriter {
  public:
    ExtendedWriter(std::string& out, Form form) : out_(out), relaxed_(form == Form::relaxed) {}

    void value(const bson::Value& v, unsigned depth) {
        using bson::Type;
        switch (v.type) {
            case Type::real:
                real(v.real());
                break;
            case Type::int32:
                number("$numberInt", v.int32());
                break;
            case Type::int64:
                number("$numberLong", v.int64());
                break;
            case Type::decimal128:
                wrapped("$numberDecimal", bson::decimal_text(v));
                break;
            case Type::string:
                append_string(out_, v.text());
                break;
            case Type::symbol:
                wrapped("$symbol", v.text());
                break;
            case Type::code:
                wrapped("$code", v.text());
                break;
            case Type::object:
            case Type::array:
                container(v, depth);
                break;
            case Type::binary:
                binary(v);
                break;
            case Type::undefined:
                out_ += R"({"$undefined":true})";
                break;
            case Type::object_id:
                wrapped("$oid", bson::object_id_text(v.bytes));
                break;
            case Type::boolean:
                out_ += v.boolean() ? "true" : "false";
                break;
            case Type::date:
                date(v.int64());
                break;
            case Type::null:
                out_ += "null";
                break;
            case Type::regex:
                regex(v.bytes);
                break;
            case Type::db_pointer:
                out_ += R"({"$dbPointer":{"$ref":)";
                append_string(out_, v.bytes.substr(4, v.bytes.size() - 17));
                out_ += R"(,"$id":)";
                wrapped("$oid", bson::object_id_text(v.bytes.substr(v.bytes.size() - 12)));
                out_ += "}}";
                break;
            case Type::code_with_scope: {
                const auto length = bson::load<std::uint32_t>(v.bytes.data() + 4);
                out_ += R"({"$code":)";
                append_string(out_, v.bytes.substr(8, length - 1));
                out_ += R"(,"$scope":)";
                container({Type::object, v.bytes.substr(8 + length)}, depth);
                out_ += '}';
                break;
            }
            case Type::timestamp:
                out_ += R"({"$timestamp":{"t":)";
                append_int(out_, bson::load<std::uint32_t>(v.bytes.data() + 4));
                out_ += R"(,"i":)";
                append_int(out_, bson::load<std::uint32_t>(v.bytes.data()));
                out_ += "}}";
                break;
            case Type::max_key:
                out_ += R"({"$maxKey":1})";
                break;
            case Type::min_key:
                out_ += R"({"$minKey":1})";
                break;
        }
    }

  private:
    void wrapped(std::string_view name, std::string_view text) {
        out_ += "{\"";
        out_ += name;
        out_ += "\":";
        append_string(out_, text);
        out_ += '}';
    }
    void number(std::string_view name, std::int64_t value) {
        if (relaxed_) return append_int(out_, value);
        std::string text;
        append_int(text, value);
        wrapped(name, text);
    }
    void real(double d) {
        if (relaxed_ && std::isfinite(d)) return append_real(out_, d);
        std::string text;
        if (std::isfinite(d))
            append_real(text, d);
        else
            text = std::isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity";
        wrapped("$numberDouble", text);
    }
    void date(std::int64_t ms) {
        constexpr std::int64_t year_10000 = 253'402'300'800'000;
        if (relaxed_ && ms >= 0 && ms < year_10000) return wrapped("$date", rfc3339(WallTime{ms}));
        std::string text;
        append_int(text, ms);
        out_ += R"({"$date":)";
        wrapped("$numberLong", text);
        out_ += '}';
    }
    void binary(const bson::Value& v) {
        out_ += R"({"$binary":{"base64":")";
        append_base64(out_, v.binary());
        out_ += R"(","subType":")";
        out_ += hex_digits[v.subtype() >> 4];
        out_ += hex_digits[v.subtype() & 15];
        out_ += "\"}}";
    }
    void regex(std::string_view bytes) {
        const auto pattern = bytes.find('\0');
        out_ += R"({"$regularExpression":{"pattern":)";
        append_string(out_, bytes.substr(0, pattern));
        out_ += R"(,"options":)";
        append_string(out_, bytes.substr(pattern + 1, bytes.size() - pattern - 2));
        out_ += "}}";
    }
    void container(const bson::Value& v, unsigned depth) {
        const auto start = out_.size();
        const bool array = v.type == bson::Type::array;
        bson::Reader reader(v.bytes);
        bson::Field field;
        out_ += array ? '[' : '{';
        const auto first = out_.size();
        while (depth < bson::max_depth && reader.next(field)) {
            if (out_.size() != first) out_ += ',';
            if (!array) {
                append_string(out_, field.key);
                out_ += ':';
            }
            value(field.value, depth + 1);
        }
        out_ += array ? ']' : '}';
        if (depth >= bson::max_depth || reader.failed()) out_.replace(start, std::string::npos, "null");
    }

    std::string& out_;
    bool relaxed_;
};

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (;;) {
        std::size_t run = 0;
        while (run < text.size() && plain[static_cast<unsigned char>(text[run])]) ++run;
        out.append(text.data(), run);
        text.remove_prefix(run);
        if (text.empty()) break;
        auto size = std::size_t{1};
        if (static_cast<unsigned char>(text.front()) < 0x80)
            append_escaped(out, text.front());
        else if (const auto character = utf8::character(text); character != 0)
            out.append(text.data(), size = character);
        else
            out += utf8::replacement;
        text.remove_prefix(size);
    }
    out += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto group = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
        out += digits[bits >> 18];
        out += digits[bits >> 12 & 63];
        out += group.size() > 1 ? digits[bits >> 6 & 63] : '=';
        out += group.size() > 2 ? digits[bits & 63] : '=';
    }
}

void append_int(std::string& out, std::int64_t value) {
    std::array<char, 24> text{};
    const auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

void append_real(std::string& out, double value) {
    std::array<char, 32> text{};
    const auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    const std::string_view shortest(text.data(), static_cast<std::size_t>(end - text.data()));
    out += shortest;
    if (shortest.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_extended(std::string& out, const bson::Value& value, Form form) {
    ExtendedWriter(out, form).value(value, 0);
}

}  // namespace halcyon::json
