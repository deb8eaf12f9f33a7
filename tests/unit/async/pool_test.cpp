#include "async/pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "async/clock.hpp"
#include "async/waiter.hpp"
#include "unit/async/loop.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using async::on_pool;
using async::ThreadPool;

namespace {

/// Runs what it was given when the test says so, on the test's thread.
class ManualPool final : public async::Pool {
  public:
    void submit(std::function<void()> work) override { queue.push_back(std::move(work)); }
    void run_one() {
        auto work = std::move(queue.front());
        queue.erase(queue.begin());
        work();
    }
    std::vector<std::function<void()>> queue;
};

struct MoveOnly {
    std::unique_ptr<int> value;
};

Task<std::string> threads_differ(async::Pool* pool) {
    const auto here = std::this_thread::get_id();
    const auto there = co_await on_pool(*pool, [] { return std::this_thread::get_id(); });
    const bool back = std::this_thread::get_id() == here;
    co_return std::string(there != here && back ? "yes" : "no");
}

Task<int> move_only(async::Pool* pool) {
    auto argument = std::make_shared<int>(20);
    auto out = co_await on_pool(*pool, [argument] { return MoveOnly{std::make_unique<int>(*argument + 1)}; });
    co_return *out.value;
}

Task<int> nothing(async::Pool* pool, std::shared_ptr<std::atomic<int>> count) {
    co_await on_pool(*pool, [count] { ++*count; });
    co_return count->load();
}

Task<> throwing(async::Pool* pool) {
    co_await on_pool(*pool, [] { throw std::logic_error("on the pool"); });
}

Task<> value_then_suspend(async::Pool* pool, int* value, bool* went_on) {
    *value = co_await on_pool(*pool, [] { return 42; });
    co_await async::yield();
    *went_on = true;
}

Task<> holds(async::Pool* pool, std::shared_ptr<int> argument, std::thread::id* died_on) {
    struct Deathbed {
        std::shared_ptr<std::thread::id*> out;
        ~Deathbed() {
            if (out && out.use_count() == 1) **out = std::this_thread::get_id();
        }
        Deathbed(std::shared_ptr<std::thread::id*> o) : out(std::move(o)) {}
        Deathbed(const Deathbed&) = default;
        Deathbed(Deathbed&&) = default;
    };
    Deathbed bed(std::make_shared<std::thread::id*>(died_on));
    co_await on_pool(*pool, [argument, b = std::move(bed)] { ++*argument; });
}

Task<> many(async::Pool* pool, int rounds, long* sum) {
    for (int i = 0; i < rounds; ++i) *sum += co_await on_pool(*pool, [i] { return i; });
}

Task<> until(std::function<void(std::function<void()>)> start, bool* resumed) {
    co_await async::until_called(start);
    *resumed = true;
}

}  // namespace

TEST_CASE("work runs on a thread of the pool and the coroutine goes on where it was") {
    Loop loop;
    ThreadPool pool(2);
    CHECK(run(loop, threads_differ(&pool)) == "yes");
}

TEST_CASE("values that can only be moved come back, and so does nothing") {
    Loop loop;
    ThreadPool pool(1);
    CHECK(run(loop, move_only(&pool)) == 21);
    CHECK(run(loop, nothing(&pool, std::make_shared<std::atomic<int>>(4))) == 5);
}

TEST_CASE("an exception on the pool is rethrown on the loop, and the pool lives on") {
    Loop loop;
    ThreadPool pool(1);
    CHECK_THROWS_WITH(run(loop, throwing(&pool)), "on the pool");
    CHECK(run(loop, move_only(&pool)) == 21);
}

TEST_CASE("cancelled while the work runs, a coroutine gets its value and stops at its next suspension") {
    Loop loop;
    ManualPool pool;
    int value = 0;
    bool went_on = false;
    Spawned one(loop, value_then_suspend(&pool, &value, &went_on));
    loop.turn();
    REQUIRE(pool.queue.size() == 1);
    one.cancel();
    loop.turn();
    CHECK_FALSE(one.ended());
    pool.run_one();
    loop.turn();
    CHECK(value == 42);
    CHECK_FALSE(went_on);
    CHECK(one.aborted());
}

TEST_CASE("work that was done and then cancelled in the same turn keeps its value") {
    Loop loop;
    ManualPool pool;
    int value = 0;
    bool went_on = false;
    Spawned one(loop, value_then_suspend(&pool, &value, &went_on));
    loop.turn();
    pool.run_one();
    one.cancel();
    loop.turn();
    CHECK(value == 42);
    CHECK_FALSE(went_on);
    REQUIRE(one.ended());
    CHECK(one.aborted());
}

TEST_CASE("work that the pool drops takes its coroutine with it") {
    auto held = std::make_shared<int>(0);
    std::thread::id died_on;
    {
        Loop loop;
        ManualPool pool;
        const Spawned one(loop, holds(&pool, held, &died_on));
        loop.turn();
        CHECK(held.use_count() > 1);
        pool.queue.clear();
        CHECK_FALSE(one.ended());
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE("what the work holds dies on the loop's thread") {
    Loop loop;
    ThreadPool pool(1);
    for (int i = 0; i < 200; ++i) {
        std::thread::id died_on;
        run(loop, holds(&pool, std::make_shared<int>(0), &died_on));
        REQUIRE(died_on == std::this_thread::get_id());
    }
}

TEST_CASE("many coroutines share a pool") {
    Loop loop;
    ThreadPool pool(3);
    long sum = 0;
    std::vector<Spawned> spawned;
    for (int i = 0; i < 20; ++i) spawned.emplace_back(loop, many(&pool, 500, &sum));
    loop.run();
    CHECK(sum == 20L * 500 * 499 / 2);
}

TEST_CASE("the pool's destructor finishes what was submitted") {
    std::atomic<int> count = 0;
    {
        ThreadPool pool(2);
        for (int i = 0; i < 1000; ++i) pool.submit([&] { ++count; });
    }
    CHECK(count == 1000);
}

TEST_CASE("a call from any thread, even at once, resumes the coroutine on the loop") {
    Loop loop;
    bool resumed = false;
    SECTION("from inside start") {
        const Spawned one(loop, until([](std::function<void()> done) { done(); }, &resumed));
        loop.turn();
        CHECK(resumed);
    }
    SECTION("from another thread") {
        std::thread other;
        const Spawned one(
            loop, until([&](std::function<void()> done) { other = std::thread(std::move(done)); }, &resumed));
        loop.run();
        other.join();
        CHECK(resumed);
    }
}
