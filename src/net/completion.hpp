// From an erased completion handler to one that Asio calls without detours.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <utility>

#include "net/stream.hpp"

namespace halcyon::net {

/// Keeps the cancellation of `done` and leaves its erased executor out, since there is one loop. `first` is
/// called before `done`.
template <class First>
auto on_loop(Stream::MoveHandler done, First first) {
    const auto slot = asio::get_associated_cancellation_slot(done);
    return asio::bind_cancellation_slot(
        slot, [d = std::move(done), f = std::move(first)](ErrorCode error, std::size_t bytes) mutable {
            f();
            std::move(d)(error, bytes);
        });
}
inline auto on_loop(Stream::MoveHandler done) {
    return on_loop(std::move(done), [] {});
}

}  // namespace halcyon::net
