#include "net/watch.hpp"

namespace halcyon::net {

Instant steady_now() { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

}  // namespace halcyon::net
