// YAML text to values.
#pragma once

#include <optional>
#include <string_view>

#include "settings/environment.hpp"
#include "settings/section.hpp"

namespace halcyon::settings {

/// Most bytes of a settings file, levels of nesting, and values once aliases are followed.
inline constexpr std::size_t max_file_bytes = std::size_t{1} << 20;
inline constexpr int max_depth = 64;
inline constexpr std::size_t max_values = 100'000;

/// YAML 1.2 as people write settings: one document whose root is a map; anchors, aliases and `<<` work.
/// `${NAME}` is replaced in scalars that are values (never in keys, comments or raw text). Refused, as
/// mistakes in `report` and without an exception: bytes that are no UTF-8, control characters, duplicate keys
/// (YAML's parsers here take the last one silently), keys that are no scalars, tags other than !!str, several
/// documents, an empty file, another root, too large, too deep. What could be read comes back, so that one
/// run shows every mistake; nothing if there is no well-formed document to speak of.
std::optional<Value> read_yaml(std::string_view text, const Environment& environment, Report& report);

}  // namespace halcyon::settings
