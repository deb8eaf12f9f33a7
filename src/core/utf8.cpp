#include "core/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace halcyon::utf8 {

std::size_t character(std::string_view text) {
    if (text.empty()) return 0;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i, unsigned from = 0x80, unsigned to = 0xbf) {
        return i < text.size() && at(i) >= from && at(i) <= to;
    };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return continues(1) ? 2 : 0;
    if (lead < 0xf0) {
        const unsigned from = lead == 0xe0 ? 0xa0 : 0x80;
        const unsigned to = lead == 0xed ? 0x9f : 0xbf;
        return continues(1, from, to) && continues(2) ? 3 : 0;
    }
    if (lead > 0xf4) return 0;
    const unsigned from = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned to = lead == 0xf4 ? 0x8f : 0xbf;
    return continues(1, from, to) && continues(2) && continues(3) ? 4 : 0;
}

std::size_t ascii_prefix(std::string_view text) {
    std::size_t i = 0;
    for (std::uint64_t word = 0; i + 8 <= text.size(); i += 8) {
        std::memcpy(&word, text.data() + i, 8);
        if ((word & 0x8080808080808080ULL) != 0) break;
    }
    while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
    return i;
}

bool valid(std::string_view text) {
    for (;;) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        const auto size = character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
}

std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
    return text.substr(0, most);
}

}  // namespace halcyon::utf8
