// Looks over the bytes of a settings file before the parser sees them.
#pragma once

#include <optional>
#include <string_view>

#include "settings/section.hpp"

namespace halcyon::settings {

/// The first thing in `text` that no settings file holds: a byte order mark of UTF-16 or UTF-32, bytes that
/// are no UTF-8, a control character, a carriage return that ends no line.
std::optional<Mistake> bad_bytes(std::string_view text);

}  // namespace halcyon::settings
