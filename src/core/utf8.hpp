// UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF, no overlong forms.
#pragma once

#include <cstddef>
#include <string_view>

namespace halcyon::utf8 {

/// Bytes of the well-formed character that `text` starts with; 0 if it starts with none.
std::size_t character(std::string_view text);
bool valid(std::string_view text);
/// Bytes of ASCII that `text` starts with.
std::size_t ascii_prefix(std::string_view text);
/// The beginning of `text`, at most `most` bytes, that cuts no character in two.
std::string_view cut(std::string_view text, std::size_t most);
/// U+FFFD, what stands for bytes that are no UTF-8.
inline constexpr std::string_view replacement = "\xef\xbf\xbd";

}  // namespace halcyon::utf8
