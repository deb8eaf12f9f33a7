#include <algorithm>
#include <charconv>

#include "devstack/qdrant/json.hpp"
#include "devstack/qdrant/refused.hpp"
#include "devstack/qdrant/utf8.hpp"

namespace halcyon::devstack::qdrant {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&](unsigned b) { out += static_cast<char>(b); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

}  // namespace

std::string position(std::string_view text, std::size_t at) {
    const std::size_t end = std::min(at + 1, text.size());
    const std::string_view before = text.substr(0, end);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n');
    const std::size_t column = start == std::string_view::npos ? end : end - start - 1;
    return " at line " + std::to_string(line) + " column " + std::to_string(column);
}

void Reader::fail(std::string_view what, std::size_t at) const {
    if (at >= text_.size() && !what.starts_with("EOF")) what = "EOF while parsing a value";
    throw format_error(std::string(what) + position(text_, at), false);
}

void Reader::space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

char Reader::peek() {
    space();
    if (at_ == text_.size()) fail("EOF while parsing a value", at_);
    return text_[at_];
}

void Reader::open(char bracket) {
    if (peek() != bracket) fail("expected value", at_);
    if (++depth_ > 128) fail("recursion limit exceeded", at_);
    ++at_;
    first_ = true;
}

bool Reader::next_in(char closing) {
    space();
    const bool object = closing == '}';
    if (at_ == text_.size()) fail(object ? "EOF while parsing an object" : "EOF while parsing a list", at_);
    const bool first = std::exchange(first_, false);
    if (text_[at_] == closing) {
        ++at_;
        return false;
    }
    if (!first) {
        if (text_[at_] != ',') fail(object ? "expected `,` or `}`" : "expected `,` or `]`", at_);
        ++at_;
        if (peek() == closing) fail("trailing comma", at_);
    }
    return true;
}

std::string Reader::key() {
    if (peek() != '"') fail("key must be a string", at_);
    std::string name = string();
    if (peek() != ':') fail("expected `:`", at_);
    ++at_;
    return name;
}

unsigned Reader::hex4() {
    unsigned code = 0;
    const auto part = text_.substr(at_, 4);
    const auto done = std::from_chars(part.data(), part.data() + part.size(), code, 16);
    if (part.size() != 4 || done.ptr != part.data() + 4) fail("invalid escape", at_);
    at_ += 4;
    return code;
}

void Reader::escape(std::string& out) {
    constexpr std::string_view plain = "\"\\/bfnrt", meaning = "\"\\/\b\f\n\r\t";
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    if (const auto i = plain.find(c); i != std::string_view::npos) {
        out += meaning[i];
        return;
    }
    if (c != 'u') fail("invalid escape", at_ - 1);
    unsigned code = hex4();
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (text_.substr(at_, 2) != "\\u") fail("unexpected end of hex escape", at_);
        at_ += 2;
        const unsigned low = hex4();
        if (low < 0xDC00 || low > 0xDFFF) fail("lone leading surrogate in hex escape", at_ - 1);
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        fail("lone leading surrogate in hex escape", at_ - 1);
    }
    append_utf8(out, code);
}

std::string Reader::string() {
    std::string out;
    ++at_;
    for (;;) {
        const std::size_t from = at_;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            const std::size_t length = utf8_length(text_.substr(at_));
            if (length == 0) fail("invalid unicode code point", at_);
            at_ += length;
        }
        out.append(text_, from, at_ - from);
        if (at_ == text_.size()) fail("EOF while parsing a string", at_);
        const char c = text_[at_++];
        if (c == '"') return out;
        if (c != '\\') fail("control character (\\u0000-\\u001F) found while parsing a string", at_ - 1);
        escape(out);
    }
}

std::string_view Reader::number(bool& whole) {
    const std::size_t from = at_;
    const auto digits = [&] {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        if (at_ == start) fail("invalid number", at_);
    };
    whole = true;
    if (text_[at_] == '-') ++at_;
    if (at_ < text_.size() && text_[at_] == '0' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))
        fail("invalid number", at_ + 1);
    digits();
    if (at_ < text_.size() && text_[at_] == '.') {
        whole = false;
        ++at_;
        digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        whole = false;
        ++at_;
        if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
        digits();
    }
    return text_.substr(from, at_ - from);
}

void Reader::word(std::string_view expected) {
    for (const char c : expected) {
        if (at_ == text_.size() || text_[at_] != c) fail("expected ident", at_);
        ++at_;
    }
}

std::optional<float> Reader::real() {
    const char c = peek();
    if (c != '-' && !is_digit(c)) {
        skip();
        return std::nullopt;
    }
    bool whole = false;
    const std::string_view digits = number(whole);
    float value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{}) return value;
    // Too small or too large for a float: the double rounds to zero or infinity, as Rust's cast does.
    double wide = 0;
    const auto done = std::from_chars(digits.data(), digits.data() + digits.size(), wide);
    if (done.ec != std::errc{} && digits.find("e-") == std::string_view::npos)
        fail("number out of range", at_ - 1);
    return static_cast<float>(wide);
}

Json Reader::value() {
    const char c = peek();
    if (c == '{') {
        Json::Object fields;
        object([&](std::string_view name) {
            Json read = value();
            const auto old =
                std::find_if(fields.begin(), fields.end(), [&](auto& f) { return f.first == name; });
            if (old != fields.end())
                old->second = std::move(read);
            else
                fields.emplace_back(std::string(name), std::move(read));
        });
        fields.shrink_to_fit();
        return fields;
    }
    if (c == '[') {
        Json::Array items;
        array([&] { items.push_back(value()); });
        items.shrink_to_fit();
        return items;
    }
    if (c == '"') return string();
    if (c == 't') return word("true"), true;
    if (c == 'f') return word("false"), false;
    if (c == 'n') return word("null"), Json();
    if (c != '-' && !is_digit(c)) fail("expected value", at_);
    bool whole = false;
    const std::string_view digits = number(whole);
    const char *from = digits.data(), *to = from + digits.size();
    if (whole && digits != "-0") {
        std::int64_t i = 0;
        if (std::from_chars(from, to, i).ec == std::errc{}) return i;
        std::uint64_t u = 0;
        if (std::from_chars(from, to, u).ec == std::errc{} && digits[0] != '-') return u;
    }
    double d = 0;
    if (std::from_chars(from, to, d).ec != std::errc{}) {
        if (digits.find("e-") == std::string_view::npos && digits.find("E-") == std::string_view::npos)
            fail("number out of range", at_ - 1);
        d = 0;
    }
    return d;
}

void Reader::skip() {
    const char c = peek();
    if (c == '{') {
        object([&](std::string_view) { skip(); });
    } else if (c == '[') {
        array([&] { skip(); });
    } else {
        value();
    }
}

void Reader::end() {
    space();
    if (at_ != text_.size()) fail("trailing characters", at_);
}

Json parse(std::string_view text) {
    Reader reader(text);
    Json value = reader.value();
    reader.end();
    return value;
}

std::string end_position(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0 && is_space(text[end - 1])) --end;
    return position(text, end == 0 ? 0 : end - 1);
}

}  // namespace halcyon::devstack::qdrant
