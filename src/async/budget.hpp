// A ceiling in bytes that documents are charged against, once, on intake.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>

#include "async/task.hpp"

namespace halcyon::async {

namespace detail {
struct BudgetState;
}

/// Bytes held; gives them back when it dies. Travels with the document. Thread rule: any, one thread at a
/// time.
class Lease {
  public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();
    std::size_t bytes() const { return bytes_; }
    void release();

  private:
    friend class ByteBudget;
    Lease(std::shared_ptr<detail::BudgetState> state, std::size_t bytes);
    std::shared_ptr<detail::BudgetState> state_;
    std::size_t bytes_ = 0;
};

/// Grants leases while less than `capacity` is out; one item larger than the capacity is let through when
/// nothing else is out. Waiters are served in order of arrival. Thread rule: `acquire` on the loop only, all
/// others from any thread.
class ByteBudget {
  public:
    ByteBudget(Executor executor, std::size_t capacity);
    ~ByteBudget();
    ByteBudget(const ByteBudget&) = delete;
    ByteBudget& operator=(const ByteBudget&) = delete;

    Task<Lease> acquire(std::size_t bytes);
    /// For cursor threads. Nothing (0 bytes) once `close` was called.
    Lease acquire_blocking(std::size_t bytes);
    /// The same for one thread among several: nothing (0 bytes) too once `stop` is asked for.
    Lease acquire_blocking(std::size_t bytes, std::stop_token stop);
    /// Without waiting, over the ceiling if need be: only for work that is bounded otherwise.
    Lease take(std::size_t bytes);
    /// Wakes every thread that blocks; from now on they get nothing.
    void close();
    std::size_t used() const;
    std::size_t capacity() const;

  private:
    std::shared_ptr<detail::BudgetState> state_;
};

}  // namespace halcyon::async
