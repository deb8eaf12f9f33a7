#include "qdrant/json.hpp"

#include <array>
#include <charconv>

namespace halcyon::qdrant {

namespace {
constexpr std::string_view digits = "0123456789abcdef";
}

void append_number(std::string& out, std::uint64_t number) {
    char text[20];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}

void append_hex(std::string& out, std::uint64_t number) {
    std::array<char, 16> text{};
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = digits[(number >> (60 - 4 * i)) & 0xfU];
    out.append(text.data(), text.size());
}

std::string path_segment(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char ch : text) {
        const auto c = static_cast<unsigned char>(ch);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += ch;
        } else {
            out += '%';
            out += "0123456789ABCDEF"[c >> 4U];
            out += "0123456789ABCDEF"[c & 0xfU];
        }
    }
    return out;
}

}  // namespace halcyon::qdrant
