// Threads for what blocks (RocksDB) or burns (embedding words), as a port.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/task.hpp"

namespace halcyon::async {

class Pool {
  public:
    virtual ~Pool() = default;
    /// Runs `work` on another thread (or later, in a simulation). Thread rule: any.
    virtual void submit(std::function<void()> work) = 0;
};

/// `threads` threads that run what is submitted in order of submission; the destructor finishes what was
/// submitted.
class ThreadPool final : public Pool {
  public:
    explicit ThreadPool(unsigned threads, const char* name = "pool");
    ~ThreadPool() override;
    void submit(std::function<void()> work) override;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Calls `start(done)` at once and resumes on the loop when `done` was called: once, from any thread. Not
/// cancelled half way: a coroutine that is asked to stop meanwhile learns so at its next suspension.
template <class Start>
Task<> until_called(Start start) {
    auto executor = co_await asio::this_coro::executor;
    auto initiate = [](auto handler, Start s, Executor e) {
        using Handler = asio::any_completion_handler<void()>;
        using Guard = asio::executor_work_guard<Executor>;
        struct Suspended {
            Handler handler;
            Guard guard;
        };
        auto suspended = std::make_shared<Suspended>(Suspended{std::move(handler), Guard(std::move(e))});
        s(std::function<void()>([suspended = std::move(suspended)]() mutable {
            auto ex = suspended->guard.get_executor();
            // Moved along, so that the coroutine is never touched by the thread that calls.
            asio::post(ex, [resumed = std::move(suspended)]() mutable { std::move(resumed->handler)(); });
        }));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        initiate, use_task, std::move(start), std::move(executor));
}

/// Runs `f()` on the pool and resumes on the loop with its value. Not cancelled half way, as `until_called`.
/// An exception of `f` is rethrown here, on the loop.
template <class F>
Task<std::invoke_result_t<F>> on_pool(Pool& pool, F f) {
    using T = std::invoke_result_t<F>;
    struct Outcome {
        F f;
        std::exception_ptr thrown{};
        std::optional<std::conditional_t<std::is_void_v<T>, char, T>> value{};
    };
    auto outcome = std::make_shared<Outcome>(Outcome{std::move(f)});
    co_await until_called([&pool, outcome](std::function<void()> done) {
        pool.submit([o = outcome, finished = std::move(done)]() mutable {
            try {
                if constexpr (std::is_void_v<T>) {
                    o->f();
                } else {
                    o->value.emplace(o->f());
                }
            } catch (...) {
                o->thrown = std::current_exception();
            }
            // Given up before the coroutine goes on, so that `f` and its value die on the loop.
            o.reset();
            finished();
        });
    });
    if (outcome->thrown) std::rethrow_exception(outcome->thrown);
    if constexpr (!std::is_void_v<T>) co_return std::move(*outcome->value);
}

}  // namespace halcyon::async
