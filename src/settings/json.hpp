// Values as JSON text: filters and what is passed on to Qdrant as it is, and the JSON schema.
#pragma once

#include <string>
#include <string_view>

#include "settings/value.hpp"

namespace halcyon::settings {

/// A JSON string with its quotes. REQUIRES: UTF-8.
std::string json_quote(std::string_view text);

/// One line of JSON, keys in the order of the file. Plain scalars that are JSON numbers, true, false or null
/// are that; every other scalar is a string (so `yes`, `012` and `.5` are strings, and `"5"` is one too).
/// Numbers keep their digits.
std::string to_json(const Value& value);

/// The same over several lines, two spaces a level.
std::string to_pretty_json(const Value& value);

/// As a JSON number is written: -1, 0.5, 2e9; not +1, 012, .5, 0x10.
bool is_json_number(std::string_view text);

}  // namespace halcyon::settings
