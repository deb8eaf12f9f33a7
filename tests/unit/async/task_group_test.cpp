#include "async/task_group.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/waiter.hpp"
#include "unit/async/loop.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using async::TaskGroup;
using async::Waiter;

namespace {

using Trace = std::vector<std::string>;

Task<> wait_and_note(std::shared_ptr<Waiter> waiter, Trace* trace, std::string name) {
    struct Note {
        Trace* trace;
        std::string name;
        ~Note() { trace->push_back(name + " ended"); }
    } note{trace, name};
    co_await waiter->wait();
    trace->push_back(name + " fired");
}

Task<> at_once(Trace* trace) {
    trace->push_back("ran");
    co_return;
}

Task<> throw_bug(std::string what) {
    throw std::logic_error(what);
    co_return;
}

Task<> throw_bug_later(std::shared_ptr<Waiter> waiter, std::string what) {
    co_await waiter->wait();
    throw std::logic_error(what);
}

Task<> join(TaskGroup* group) { co_await group->join(); }

Task<> join_and_note(TaskGroup* group, Trace* trace) {
    co_await group->join();
    trace->push_back("joined");
}

/// Slow to stop: after its cancellation it still has something to do.
Task<> clean_up(std::shared_ptr<Waiter> waiter, std::shared_ptr<Waiter> cleanup, Trace* trace) {
    bool stopped = false;
    try {
        co_await waiter->wait();
    } catch (const boost::system::system_error&) {
        stopped = true;
    }
    if (stopped) {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
        co_await cleanup->wait();
        trace->push_back("cleaned up");
    }
}

Task<> nested(async::Executor executor, std::vector<std::shared_ptr<Waiter>> waiters, Trace* trace) {
    TaskGroup group(executor);
    for (std::size_t i = 0; i < waiters.size(); ++i)
        group.spawn(wait_and_note(waiters[i], trace, "inner " + std::to_string(i)));
    co_await group.join();
    trace->push_back("inner joined");
}

std::shared_ptr<Waiter> make_waiter(Loop& loop) { return std::make_shared<Waiter>(loop.executor()); }

}  // namespace

TEST_CASE("join returns when the last child has ended") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    auto a = make_waiter(loop);
    auto b = make_waiter(loop);
    group.spawn(wait_and_note(a, &trace, "a"));
    group.spawn(wait_and_note(b, &trace, "b"));
    group.spawn(at_once(&trace));
    const Spawned joined(loop, join_and_note(&group, &trace));
    loop.turn();
    CHECK(group.running() == 2);
    b->fire();
    loop.turn();
    CHECK_FALSE(joined.ended());
    a->fire();
    loop.turn();
    CHECK(joined.succeeded());
    CHECK(trace == Trace{"ran", "b fired", "b ended", "a fired", "a ended", "joined"});
    CHECK(group.running() == 0);
}

TEST_CASE("an empty group joins at once, and a group can be joined again") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    run(loop, join(&group));
    for (int i = 0; i < 3; ++i) {
        group.spawn(at_once(&trace));
        run(loop, join(&group));
    }
    CHECK(trace.size() == 3);
}

TEST_CASE("the first bug cancels the siblings and is rethrown at join") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    auto never = make_waiter(loop);
    auto trigger = make_waiter(loop);
    auto later = make_waiter(loop);
    group.spawn(wait_and_note(never, &trace, "sibling"));
    group.spawn(throw_bug_later(trigger, "first"));
    const Spawned joined(loop, join(&group));
    loop.turn();
    trigger->fire();
    loop.turn();
    REQUIRE(joined.ended());
    CHECK_THROWS_WITH(std::rethrow_exception(joined.thrown()), "first");
    CHECK(trace == Trace{"sibling ended"});
}

TEST_CASE("a bug before the first suspension is rethrown too") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    const bool on_the_loop = GENERATE(false, true);
    auto never = make_waiter(loop);
    if (on_the_loop)
        boost::asio::post(loop.io, [&] {
            group.spawn(wait_and_note(never, &trace, "sibling"));
            group.spawn(throw_bug("early"));
        });
    else {
        group.spawn(wait_and_note(never, &trace, "sibling"));
        group.spawn(throw_bug("early"));
    }
    loop.turn();
    const Spawned joined(loop, join(&group));
    loop.turn();
    REQUIRE(joined.ended());
    CHECK_THROWS_WITH(std::rethrow_exception(joined.thrown()), "early");
}

TEST_CASE("of two bugs the first is kept") {
    Loop loop;
    TaskGroup group(loop.executor());
    auto a = make_waiter(loop);
    auto b = make_waiter(loop);
    group.spawn(throw_bug_later(a, "a"));
    group.spawn(throw_bug_later(b, "b"));
    const Spawned joined(loop, join(&group));
    loop.turn();
    b->fire();
    a->fire();
    loop.turn();
    CHECK_THROWS_WITH(std::rethrow_exception(joined.thrown()), "b");
}

TEST_CASE("cancelling the group ends the children, and join returns without an exception") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    group.spawn(wait_and_note(make_waiter(loop), &trace, "a"));
    group.spawn(wait_and_note(make_waiter(loop), &trace, "b"));
    const Spawned joined(loop, join(&group));
    loop.turn();
    group.cancel();
    group.cancel();
    loop.turn();
    CHECK(joined.succeeded());
    CHECK(trace.size() == 2);
}

TEST_CASE("a child that was cancelled before it started does not run, and nothing leaves the loop") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    group.spawn(at_once(&trace));
    group.spawn(wait_and_note(make_waiter(loop), &trace, "a"));
    group.cancel();
    REQUIRE_NOTHROW(loop.turn());
    CHECK(trace.empty());
    CHECK(group.running() == 0);
    run(loop, join(&group));
}

TEST_CASE("a child that is spawned into a stopping group does not run") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    const bool on_the_loop = GENERATE(false, true);
    group.cancel();
    const auto spawn = [&] {
        group.spawn(at_once(&trace));
        group.spawn(wait_and_note(make_waiter(loop), &trace, "a"));
    };
    if (on_the_loop)
        boost::asio::post(loop.io, spawn);
    else
        spawn();
    loop.turn();
    CHECK(trace.empty());
    run(loop, join(&group));
}

TEST_CASE("a child that cancels its own group without suspending ends in order") {
    Loop loop;
    TaskGroup group(loop.executor());
    struct Body {
        static Task<> stop(TaskGroup* g) {
            g->cancel();
            co_return;
        }
        static Task<> stop_and_suspend(TaskGroup* g, bool* reached) {
            g->cancel();
            co_await async::yield();
            *reached = true;
        }
    };
    bool reached = false;
    boost::asio::post(loop.io, [&] {
        group.spawn(Body::stop_and_suspend(&group, &reached));
        group.spawn(Body::stop(&group));
    });
    REQUIRE_NOTHROW(loop.turn());
    CHECK(group.running() == 0);
    CHECK_FALSE(reached);
}

TEST_CASE("cancelling join cancels the children, waits for them and then throws") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    auto cleanup = make_waiter(loop);
    group.spawn(clean_up(make_waiter(loop), cleanup, &trace));
    Spawned joined(loop, join_and_note(&group, &trace));
    loop.turn();
    joined.cancel();
    loop.turn();
    CHECK_FALSE(joined.ended());
    CHECK(group.running() == 1);
    joined.cancel();
    loop.turn();
    CHECK_FALSE(joined.ended());
    cleanup->fire();
    loop.turn();
    CHECK(joined.aborted());
    CHECK(trace == Trace{"cleaned up"});
    CHECK(group.running() == 0);
}

TEST_CASE("a bug goes before the cancellation of join") {
    Loop loop;
    TaskGroup group(loop.executor());
    auto trigger = make_waiter(loop);
    struct Body {
        static Task<> fail_in_cleanup(std::shared_ptr<Waiter> w) {
            try {
                co_await w->wait();
            } catch (const boost::system::system_error&) {
                throw std::logic_error("in cleanup");
            }
        }
    };
    group.spawn(Body::fail_in_cleanup(trigger));
    Spawned joined(loop, join(&group));
    loop.turn();
    joined.cancel();
    loop.turn();
    REQUIRE(joined.ended());
    CHECK_THROWS_WITH(std::rethrow_exception(joined.thrown()), "in cleanup");
}

TEST_CASE("cancellation goes through nested groups, and the inner ones end first") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    const std::vector waiters{make_waiter(loop), make_waiter(loop)};
    group.spawn(nested(loop.executor(), waiters, &trace));
    Spawned joined(loop, join_and_note(&group, &trace));
    loop.turn();

    SECTION("cancelled from outside") {
        joined.cancel();
        loop.turn();
        CHECK(joined.aborted());
        CHECK(trace == Trace{"inner 0 ended", "inner 1 ended"});
    }
    SECTION("ending by itself") {
        waiters[1]->fire();
        waiters[0]->fire();
        loop.turn();
        CHECK(joined.succeeded());
        CHECK(trace.back() == "joined");
        CHECK(trace[trace.size() - 2] == "inner joined");
    }
}

TEST_CASE("a child may spawn siblings while the group is being joined") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    struct Body {
        static Task<> grow(TaskGroup* g, int depth, Trace* t) {
            co_await async::yield();
            t->push_back(std::to_string(depth));
            if (depth > 0) g->spawn(grow(g, depth - 1, t));
        }
    };
    group.spawn(Body::grow(&group, 5, &trace));
    run(loop, join(&group));
    CHECK(trace == Trace{"5", "4", "3", "2", "1", "0"});
}

TEST_CASE("a thousand children, cancelled at every stage, all end") {
    Loop loop;
    Trace trace;
    TaskGroup group(loop.executor());
    std::vector<std::shared_ptr<Waiter>> waiters;
    for (int i = 0; i < 1000; ++i) {
        waiters.push_back(make_waiter(loop));
        group.spawn(wait_and_note(waiters.back(), &trace, "c"));
    }
    const Spawned joined(loop, join(&group));
    loop.turn();
    for (int i = 0; i < 1000; i += 3) waiters[static_cast<std::size_t>(i)]->fire();
    group.cancel();
    for (int i = 1; i < 1000; i += 3) waiters[static_cast<std::size_t>(i)]->fire();
    loop.turn();
    CHECK(joined.succeeded());
    CHECK(trace.size() == 1000 + 334);
}
