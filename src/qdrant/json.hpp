// Pieces of bodies and targets that core/json_text.hpp does not write. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace halcyon::qdrant {

void append_number(std::string& out, std::uint64_t number);
/// Appends 16 lower-case hexadecimal digits.
void append_hex(std::string& out, std::uint64_t number);
/// Percent-encodes all but unreserved characters (RFC 3986, 2.3), for one segment of a path.
std::string path_segment(std::string_view text);

}  // namespace halcyon::qdrant
