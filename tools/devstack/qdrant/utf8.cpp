#include "devstack/qdrant/utf8.hpp"

#include <algorithm>

namespace halcyon::devstack::qdrant {

std::size_t utf8_length(std::string_view s) {
    const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    const unsigned a = at(0), b = at(1);
    if (a < 0x80) return 1;
    if (a >= 0xC2 && a <= 0xDF) return tail(1) ? 2 : 0;
    if (a >= 0xE0 && a <= 0xEF) {
        if (!tail(1) || !tail(2) || (a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0;
        return 3;
    }
    if (a >= 0xF0 && a <= 0xF4) {
        if (!tail(1) || !tail(2) || !tail(3) || (a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0;
        return 4;
    }
    return 0;
}

std::string lossy(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
        const std::size_t length = utf8_length(bytes);
        out += length > 0 ? bytes.substr(0, length) : "\xef\xbf\xbd";
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

}  // namespace halcyon::devstack::qdrant
