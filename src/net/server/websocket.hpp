// A conversation in text messages with a browser or another program, once a request has been upgraded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.hpp"

namespace halcyon::net {

/// What a websocket is closed with (RFC 6455, 7.4.1); 4000 to 4999 are the application's own.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t internal = 1011;
inline constexpr std::uint16_t try_again_later = 1013;
}  // namespace close_code

/// Thread rule: the loop; one `receive` and one `send` at a time, `close` beside them. Pings are answered,
/// and a peer's close is heard, only while a `receive` is under way: keep one waiting. A coroutine that is
/// cancelled in one of them leaves a websocket that is closed.
class WebSocket {
  public:
    virtual ~WebSocket() = default;
    /// The next text message (UTF-8). Nothing once the peer closed, went away, broke the protocol, sent
    /// binary (it is closed with 1003) or more than the limit (1009), or after `close`.
    virtual Task<std::optional<std::string>> receive() = 0;
    /// False: it is closed, or the peer did not take it within the send time, which closes it. REQUIRES:
    /// `text` is UTF-8 and lives until it ends.
    virtual Task<bool> send(std::string_view text) = 0;
    /// Says goodbye and waits a little for the peer's. Later calls do nothing. `reason`: at most 123 bytes of
    /// it are sent.
    virtual Task<> close(std::uint16_t code, std::string_view reason) = 0;
    /// Neither side has begun to close it, as far as is known.
    virtual bool open() const = 0;
};

}  // namespace halcyon::net
