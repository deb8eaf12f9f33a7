#include "async/mailbox.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <thread>
#include <vector>

#include "unit/async/loop.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using async::Mailbox;

namespace {

using Taken = std::vector<std::vector<int>>;

Task<> take_once(Mailbox<int>* mailbox, std::size_t most, Taken* taken) {
    taken->push_back(co_await mailbox->take(most));
}

Task<> drain(Mailbox<int>* mailbox, std::size_t most, std::vector<int>* all) {
    for (;;) {
        const auto some = co_await mailbox->take(most);
        if (some.empty()) co_return;
        all->insert(all->end(), some.begin(), some.end());
    }
}

}  // namespace

TEST_CASE("take gives what is there in order, and not more than asked for") {
    Loop loop;
    Mailbox<int> mailbox(loop.executor());
    Taken taken;
    for (int i = 0; i < 5; ++i) mailbox.put(i);
    run(loop, take_once(&mailbox, 3, &taken));
    run(loop, take_once(&mailbox, 3, &taken));
    CHECK(taken == Taken{{0, 1, 2}, {3, 4}});
}

TEST_CASE("take waits for the first item") {
    Loop loop;
    Mailbox<int> mailbox(loop.executor());
    Taken taken;
    const Spawned taker(loop, take_once(&mailbox, 10, &taken));
    loop.turn();
    CHECK_FALSE(taker.ended());
    mailbox.put(7);
    mailbox.put(8);
    loop.turn();
    CHECK(taken == Taken{{7, 8}});
}

TEST_CASE("a closed mailbox gives what is inside, then nothing") {
    Loop loop;
    Mailbox<int> mailbox(loop.executor());
    Taken taken;
    mailbox.put(1);
    mailbox.close();
    run(loop, take_once(&mailbox, 10, &taken));
    run(loop, take_once(&mailbox, 10, &taken));
    CHECK(taken == Taken{{1}, {}});
}

TEST_CASE("close and destruction wake the taker") {
    Loop loop;
    auto mailbox = std::make_unique<Mailbox<int>>(loop.executor());
    Taken taken;
    const Spawned taker(loop, take_once(mailbox.get(), 10, &taken));
    loop.turn();
    if (GENERATE(false, true))
        mailbox->close();
    else
        mailbox.reset();
    loop.turn();
    CHECK(taker.succeeded());
    CHECK(taken == Taken{{}});
}

TEST_CASE("a cancelled take loses no item") {
    Loop loop;
    Mailbox<int> mailbox(loop.executor());
    Taken taken;
    Spawned taker(loop, take_once(&mailbox, 10, &taken));
    loop.turn();
    taker.cancel();
    mailbox.put(1);
    loop.turn();
    CHECK(taker.aborted());
    run(loop, take_once(&mailbox, 10, &taken));
    CHECK(taken == Taken{{1}});
}

TEST_CASE("a thread's items arrive complete and in order") {
    Loop loop;
    Mailbox<int> mailbox(loop.executor());
    constexpr int count = 100'000;
    std::vector<int> all;
    const Spawned taker(loop, drain(&mailbox, GENERATE(1U, 7U, 1000U), &all));
    std::thread producer([&] {
        for (int i = 0; i < count; ++i) mailbox.put(i);
        mailbox.close();
    });
    loop.run();
    producer.join();
    REQUIRE(taker.succeeded());
    std::vector<int> expected(count);
    std::iota(expected.begin(), expected.end(), 0);
    CHECK(all == expected);
}

TEST_CASE("items of several threads all arrive, each thread's in order") {
    Loop loop;
    Mailbox<int> mailbox(loop.executor());
    constexpr int threads = 4;
    constexpr int each = 20'000;
    std::vector<int> all;
    const Spawned taker(loop, drain(&mailbox, 64, &all));
    std::vector<std::thread> producers;
    std::atomic<int> left = threads;
    for (int t = 0; t < threads; ++t)
        producers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) mailbox.put(i * threads + t);
            if (--left == 0) mailbox.close();
        });
    loop.run();
    for (auto& p : producers) p.join();
    REQUIRE(all.size() == threads * each);
    std::vector<int> next(threads, 0);
    for (const int item : all) REQUIRE(item / threads == next[static_cast<std::size_t>(item % threads)]++);
}
