// What goes into text frames.
#pragma once

#include <string>

namespace halcyon::admin {

/// `text` with U+FFFD for bytes that are no UTF-8: errors of other servers are shown as they came.
std::string as_utf8(std::string text);

}  // namespace halcyon::admin
