// The name by which a request is found again: in its reply, in the log, by the client's own tools.
#pragma once

#include <string>
#include <string_view>

namespace halcyon::net {

/// 1 to 64 of [A-Za-z0-9._-].
bool is_request_id(std::string_view text);
/// 16 hexadecimal digits, another each time. Thread rule: the loop.
std::string new_request_id();

}  // namespace halcyon::net
