#include "simulation/world/virtual_clock.hpp"

namespace halcyon::simulation {

Task<> VirtualClock::sleep_until(Instant at) {
    if (at <= now_) {
        co_await async::yield();
        co_return;
    }
    async::Waiter waiter(executor_);
    const auto key = std::pair{at, ++sequence_};
    struct Registered {
        std::map<std::pair<Instant, std::uint64_t>, async::Waiter*>& sleepers;
        std::pair<Instant, std::uint64_t> key;
        ~Registered() { sleepers.erase(key); }
        Registered(const Registered&) = delete;
        Registered& operator=(const Registered&) = delete;
        Registered(decltype(sleepers) s, decltype(key) k, async::Waiter* w) : sleepers(s), key(k) {
            sleepers.emplace(key, w);
        }
    } registered(sleepers_, key, &waiter);
    co_await waiter.wait();
}

bool VirtualClock::jump() {
    if (sleepers_.empty()) return false;
    const auto [key, waiter] = *sleepers_.begin();
    now_ = std::max(now_, key.first);
    sleepers_.erase(sleepers_.begin());
    waiter->fire();
    return true;
}

}  // namespace halcyon::simulation
