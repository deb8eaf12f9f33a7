#include "core/version.hpp"

namespace halcyon {
namespace {

/// Eight lower-case hexadecimal digits.
std::optional<std::uint32_t> word(std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text) {
        std::uint32_t digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<std::uint32_t>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<std::uint32_t>(c - 'a' + 10);
        else
            return std::nullopt;
        value = value << 4 | digit;
    }
    return value;
}

}  // namespace

Version Version::before() const {
    constexpr auto most = std::numeric_limits<std::uint32_t>::max();
    if (operation > 0) return {epoch, time, operation - 1};
    if (time.increment > 0) return {epoch, {time.seconds, time.increment - 1}, most};
    if (time.seconds > 0) return {epoch, {time.seconds - 1, most}, most};
    return epoch > 0 ? Version{epoch - 1, {most, most}, most} : Version{};
}

std::string Version::text() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(35, '-');
    std::size_t at = 0;
    for (auto number : {epoch, time.seconds, time.increment, operation}) {
        for (std::size_t i = 8; i-- > 0; number >>= 4) out[at + i] = digits[number & 15U];
        at += 9;
    }
    return out;
}

std::optional<Version> Version::parse(std::string_view text) {
    if (text.size() != 35 || text[8] != '-' || text[17] != '-' || text[26] != '-') return std::nullopt;
    const auto e = word(text.substr(0, 8));
    const auto seconds = word(text.substr(9, 8));
    const auto increment = word(text.substr(18, 8));
    const auto operation_index = word(text.substr(27, 8));
    if (!e || !seconds || !increment || !operation_index) return std::nullopt;
    return Version{*e, {*seconds, *increment}, *operation_index};
}

}  // namespace halcyon
