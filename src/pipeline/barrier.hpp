// Waits for a number of works to be settled.
#pragma once

#include <memory>

#include "async/waiter.hpp"
#include "pipeline/decide/ack_tracker.hpp"

namespace halcyon::pipeline {

/// Hands out tickets and lets one coroutine wait until at most so many are open. Thread rule: the loop.
class Barrier final : public Settler, public std::enable_shared_from_this<Barrier> {
  public:
    explicit Barrier(async::Executor executor) : changed_(executor) {}

    TicketPtr ticket() {
        ++open_;
        return std::make_shared<Ticket>(Ticket{shared_from_this(), 0, 1});
    }
    void settle(std::uint64_t) override {
        --open_;
        changed_.notify();
    }
    std::size_t open() const { return open_; }
    Task<> until(std::size_t at_most) {
        const auto self = shared_from_this();
        while (open_ > at_most) co_await changed_.wait();
    }

  private:
    async::Event changed_;
    std::size_t open_ = 0;
};

}  // namespace halcyon::pipeline
