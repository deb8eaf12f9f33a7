#include "settings/utf8.hpp"

#include <fmt/format.h>

namespace halcyon::settings {

std::size_t character_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const unsigned second = byte(1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
        return 0;
    return size;
}

std::optional<Mistake> bad_bytes(std::string_view text) {
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
        text.starts_with(std::string_view("\0\0\xfe\xff", 4)))
        return Mistake{{}, {1, 1, {}}, {}, "this is UTF-16 or UTF-32; save the file as UTF-8"};
    Place at{1, 1, {}};
    while (!text.empty()) {
        const auto size = character_size(text);
        const auto byte = static_cast<unsigned>(static_cast<unsigned char>(text.front()));
        if (size == 0)
            return Mistake{
                {}, at, {}, fmt::format("byte 0x{:02x} is no UTF-8; save the file as UTF-8", byte)};
        const bool lone_return = text.front() == '\r' && !text.starts_with("\r\n");
        if (lone_return || byte == 0x7f ||
            (byte < 0x20 && std::string_view("\t\n\r").find(text.front()) == std::string_view::npos))
            return Mistake{
                {},
                at,
                {},
                fmt::format("control character 0x{:02x} does not belong in a settings file", byte)};
        at = text.front() == '\n' ? Place{at.line + 1, 1, {}} : Place{at.line, at.column + 1, {}};
        text.remove_prefix(size);
    }
    return std::nullopt;
}

}  // namespace halcyon::settings
