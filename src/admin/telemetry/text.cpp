#include "admin/telemetry/text.hpp"

#include <algorithm>

#include "core/utf8.hpp"

namespace halcyon::admin {

std::string as_utf8(std::string text) {
    if (utf8::valid(text)) return text;
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
        const auto size = utf8::character(rest);
        out += size > 0 ? rest.substr(0, size) : utf8::replacement;
        rest.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

}  // namespace halcyon::admin
