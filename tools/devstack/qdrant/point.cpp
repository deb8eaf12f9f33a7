#include "devstack/qdrant/point.hpp"

#include <charconv>

#include "devstack/qdrant/refused.hpp"

namespace halcyon::devstack::qdrant {
namespace {

std::optional<unsigned char> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
    return std::nullopt;
}

}  // namespace

std::optional<PointId> PointId::from_uuid(std::string_view text) {
    if (text.starts_with("urn:uuid:")) text.remove_prefix(9);
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
    const bool hyphens = text.size() == 36;
    if (!hyphens && text.size() != 32) return std::nullopt;
    PointId id;
    id.is_uuid_ = true;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (hyphens && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        const auto digit = hex_digit(text[i]);
        if (!digit) return std::nullopt;
        auto& byte = id.uuid_[digits / 2];
        byte = static_cast<unsigned char>(byte << 4 | *digit);
        ++digits;
    }
    return id;
}

std::optional<PointId> PointId::from_path(std::string_view text) {
    std::uint64_t number = 0;
    const auto done = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!text.empty() && done.ec == std::errc{} && done.ptr == text.data() + text.size())
        return PointId(number);
    return from_uuid(text);
}

PointId PointId::from_json(const Json& value, bool at_end) {
    if (const auto number = value.unsigned_integer()) return PointId(*number);
    std::string shown;
    if (const auto* text = value.text()) {
        if (const auto id = from_uuid(*text)) return *id;
        shown = *text;
    } else {
        value.write(shown);
    }
    throw format_error(
        "value " + shown + " is not a valid point ID, valid values are either an unsigned integer or a UUID",
        at_end);
}

std::string PointId::text() const {
    if (!is_uuid_) return std::to_string(number_);
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < uuid_.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[uuid_[i] >> 4];
        out += digits[uuid_[i] & 15];
    }
    return out;
}

Json PointId::json() const { return is_uuid_ ? Json(text()) : Json(number_); }

}  // namespace halcyon::devstack::qdrant
