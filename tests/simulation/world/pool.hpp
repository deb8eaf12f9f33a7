// Work for other threads, done on the loop some virtual time later.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "async/clock.hpp"
#include "async/pool.hpp"
#include "async/task_group.hpp"
#include "base/random.hpp"

namespace halcyon::simulation {

/// In order of submission, each after a delay drawn from the seed. Thread rule: the loop.
class VirtualPool final : public async::Pool {
  public:
    VirtualPool(async::Executor executor, async::Clock& clock, Random& random)
        : clock_(clock), random_(random), group_(std::move(executor)) {}

    void submit(std::function<void()> work) override {
        queue_.push_back(std::move(work));
        if (!std::exchange(running_, true)) group_.spawn(run());
    }
    /// Everything that was submitted is done now.
    void drain() {
        while (!queue_.empty()) {
            const auto work = std::move(queue_.front());
            queue_.pop_front();
            work();
        }
    }
    /// Everything is done now, and nothing is under way when it returns.
    Task<> join() {
        drain();
        group_.cancel();
        co_await group_.join();
    }

  private:
    Task<> run() {
        while (!queue_.empty()) {
            co_await clock_.sleep(Duration(random_.below(1'000'000)));
            if (queue_.empty()) break;
            const auto work = std::move(queue_.front());
            queue_.pop_front();
            work();
        }
        running_ = false;
    }
    async::Clock& clock_;
    Random& random_;
    async::TaskGroup group_;
    std::deque<std::function<void()>> queue_;
    bool running_ = false;
};

}  // namespace halcyon::simulation
