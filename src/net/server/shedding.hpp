// Which connection makes room for a newcomer. No I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/time.hpp"

namespace halcyon::net {

/// What a connection has been doing, and since when.
struct Occupation {
    enum class Kind {
        waiting,  // for a handshake, the next request, or the rest of a head
        body,     // for the rest of a body
        handled,  // a request is being answered, or it is a websocket
    };
    Kind kind = Kind::waiting;
    Instant since{};
};

/// The one that has been waiting longest; if none is, the one that has been sending a body longest; nothing
/// if all are being handled.
std::optional<std::size_t> least_missed(std::span<const Occupation> occupations);

}  // namespace halcyon::net
