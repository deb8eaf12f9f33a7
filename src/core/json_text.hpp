// Pieces of JSON text, appended to a buffer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/bson.hpp"

namespace halcyon::json {

/// A JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD; control characters are escaped.
void append_string(std::string& out, std::string_view text);
/// Without quotes, with padding.
void append_base64(std::string& out, std::string_view bytes);
void append_int(std::string& out, std::int64_t value);
/// The shortest text that reads back as the same double, with ".0" where it would look like an integer.
/// REQUIRES: finite.
void append_real(std::string& out, double value);

/// Canonical: every type survives. Relaxed: numbers and dates as people write them.
/// https://github.com/mongodb/specifications/blob/master/source/extended-json/extended-json.md (version 2)
enum class Form { canonical, relaxed };
/// Extended JSON without spaces. Malformed parts and what is nested deeper than bson::max_depth become null.
void append_extended(std::string& out, const bson::Value& value, Form form);

}  // namespace halcyon::json
