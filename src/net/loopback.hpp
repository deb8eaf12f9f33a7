#pragma once

#include <string_view>

namespace halcyon::net {

/// "127.0.0.1:8686", "[::1]:8686", "localhost": an address, or a name, that only this machine can have; the
/// port may be missing.
bool is_loopback(std::string_view host);

}  // namespace halcyon::net
