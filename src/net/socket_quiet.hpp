#pragma once

namespace halcyon::net {

/// Nothing waits to be read on the socket, not even its end or an error.
bool socket_quiet(int fd);

}  // namespace halcyon::net
