// How many connections a client has, who waits for one, and which are kept open.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "async/clock.hpp"
#include "async/waiter.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

class ConnectionPool;

/// The right to have one connection open; passes on to whoever waits longest when it dies.
class Permit {
  public:
    Permit() = default;
    explicit Permit(std::shared_ptr<ConnectionPool> pool) : pool_(std::move(pool)) {}
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&&) = delete;
    ~Permit();

  private:
    std::shared_ptr<ConnectionPool> pool_;
};

/// Thread rule: the loop.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
  public:
    ConnectionPool(async::Executor executor, std::size_t most, std::size_t most_idle, Duration idle_time);

    /// In order of arrival. Nothing if the deadline passed before it was this caller's turn.
    Task<std::optional<Permit>> acquire(Deadline deadline);
    /// The connection parked last, if it is young enough and still quiet; others are closed on the way.
    /// REQUIRES: the caller holds a permit.
    std::unique_ptr<Stream> unpark();
    void park(std::unique_ptr<Stream> stream);
    void close_idle();
    std::size_t open() const { return used_ + idle_.size(); }
    std::size_t idle() const { return idle_.size(); }

  private:
    friend class Permit;
    struct Waiting;
    struct Parked {
        std::unique_ptr<Stream> stream;
        Instant since;
    };
    void release();

    async::Executor executor_;
    std::size_t most_;
    std::size_t most_idle_;
    Duration idle_time_;
    std::size_t used_ = 0;
    bool closed_ = false;
    std::deque<std::shared_ptr<Waiting>> waiting_;
    std::vector<Parked> idle_;
};

}  // namespace halcyon::net
