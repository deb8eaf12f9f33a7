// Writing JSON text by hand, for rooms that build requests out of pieces; and is a text one?
#pragma once

#include <string>
#include <string_view>

namespace halcyon::net {

/// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the result is
/// JSON whatever comes in. Rooms above have core/json_text.hpp, which is faster.
std::string json_string(std::string_view text);

/// Well-formed UTF-8 from its first byte to its last.
bool is_utf8(std::string_view text);

}  // namespace halcyon::net
