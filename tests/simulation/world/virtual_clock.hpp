// Time that jumps: an hour takes milliseconds, and one seed is one history.
#pragma once

#include <map>
#include <utility>

#include "async/clock.hpp"
#include "async/waiter.hpp"

namespace halcyon::simulation {

/// Sleepers in order of (time, sequence). `jump` wakes the next one. Thread rule: the loop.
class VirtualClock final : public async::Clock {
  public:
    explicit VirtualClock(async::Executor executor) : executor_(std::move(executor)) {}

    Instant now() const override { return now_; }
    WallTime wall() const override {
        return {1'700'000'000'000 +
                std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count()};
    }
    Task<> sleep_until(Instant at) override;

    /// To the next sleeper's time; false when nobody sleeps.
    bool jump();

  private:
    async::Executor executor_;
    Instant now_{std::chrono::seconds(1000)};
    std::uint64_t sequence_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, async::Waiter*> sleepers_;
};

}  // namespace halcyon::simulation
