#include "devstack/qdrant/url.hpp"

#include <charconv>

#include "devstack/qdrant/utf8.hpp"

namespace halcyon::devstack::qdrant {
namespace {

std::string decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(code);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return lossy(out);
}

// Calls `each` for the pieces between separators.
template <class F>
void split(std::string_view text, char separator, F&& each) {
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        each(text.substr(0, end));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

Target::Target(std::string_view target) {
    const std::size_t mark = target.find('?');
    std::string_view path = target.substr(0, mark);
    if (path.starts_with('/')) path.remove_prefix(1);
    split(path, '/', [&](std::string_view part) { parts.push_back(decoded(part, false)); });
    if (mark == std::string_view::npos) return;
    split(target.substr(mark + 1), '&', [&](std::string_view pair) {
        const std::size_t equals = pair.find('=');
        parameters.emplace_back(
            decoded(pair.substr(0, equals), true),
            equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1), true));
    });
}

const std::string* Target::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters)
        if (key == name) return &value;
    return nullptr;
}

}  // namespace halcyon::devstack::qdrant
