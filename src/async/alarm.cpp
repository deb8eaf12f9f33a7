#include "async/alarm.hpp"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <utility>

namespace halcyon::async {

struct Alarm::State {
    State(Executor executor, std::function<void()> f) : timer(std::move(executor)), ring(std::move(f)) {}
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               Executor>
        timer;
    std::function<void()> ring;
};

Alarm::Alarm(Executor executor, Duration after, std::function<void()> ring)
    : state_(std::make_shared<State>(std::move(executor), std::move(ring))) {
    // "For ever" (Deadline's default) would overflow the clock.
    const auto bounded = std::min<Duration>(after, std::chrono::hours(24 * 365));
    state_->timer.expires_after(std::chrono::ceil<std::chrono::steady_clock::duration>(bounded));
    // A completion that is already queued when the alarm dies finds no state.
    state_->timer.async_wait([weak = std::weak_ptr(state_)](boost::system::error_code ec) {
        const auto state = ec ? nullptr : weak.lock();
        if (state) state->ring();
    });
}
Alarm::~Alarm() = default;

}  // namespace halcyon::async
