// UTF-8 in settings: the bytes of a file before the parser sees them, and what the parser makes of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "settings/section.hpp"

namespace halcyon::settings {

/// Bytes of the character that starts `text`; 0 if there is none (RFC 3629: no overlong forms, no
/// surrogates). REQUIRES: not empty.
std::size_t character_size(std::string_view text);

/// The first thing in `text` that no settings file holds: a byte order mark of UTF-16 or UTF-32, bytes that
/// are no UTF-8, a control character, a carriage return that ends no line.
std::optional<Mistake> bad_bytes(std::string_view text);

}  // namespace halcyon::settings
