// BSON values as plain text.
#pragma once

#include <cstdint>
#include <string>

#include "core/bson.hpp"

namespace halcyon::render {

/// "2026-01-31T12:00:00.000Z"; false, and nothing is appended, outside of the years 0 to 9999.
bool append_date(std::string& out, std::int64_t ms);

/// "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" REQUIRES: 16 bytes.
void append_uuid(std::string& out, std::string_view bytes);

/// As people would write it in a sentence: strings as they are, numbers in their shortest form, booleans,
/// dates as RFC 3339, ObjectId as hex, UUIDs; an array's elements joined by ", ", a document's values by a
/// space. Null, other binary and what is internal to MongoDB give nothing. False: malformed, or deeper than
/// max_depth.
bool append_value_text(std::string& out, const bson::Value& value, unsigned depth = 1);

/// What embeds alike reads alike: runs of blanks become one blank, of line ends at most one empty line, the
/// ends are trimmed, control characters are blanks, bytes that are no UTF-8 become U+FFFD.
std::string tidy(std::string_view text);

}  // namespace halcyon::render
