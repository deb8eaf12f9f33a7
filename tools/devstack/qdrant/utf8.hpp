// UTF-8 in what comes in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halcyon::devstack::qdrant {

// Length of the well-formed UTF-8 sequence at the start of `s` (RFC 3629), 0 where there is none.
std::size_t utf8_length(std::string_view s);

// With U+FFFD for what is no UTF-8.
std::string lossy(std::string_view bytes);

}  // namespace halcyon::devstack::qdrant
