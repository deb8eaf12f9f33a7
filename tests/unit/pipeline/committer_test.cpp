#include "pipeline/committer.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "async/task_group.hpp"

using namespace halcyon;
using namespace halcyon::pipeline;

namespace {

/// Answers when it is told to.
class SlowStore final : public CommitStore {
  public:
    explicit SlowStore(async::Executor executor) : answer(std::move(executor)) {}
    Task<Result<>> commit(Commit, Durability) override {
        co_await answer.wait();
        co_return outcome;
    }
    async::Event answer;
    Result<> outcome = success();
};

Task<> store(Committer* committer, std::optional<Result<>>* outcome) {
    *outcome = co_await committer->commit_now({}, Durability::synced);
}
Task<> run(Committer* committer) { (void)co_await committer->run(); }

}  // namespace

TEST_CASE("when nothing can be stored any more, whoever waits hears of it") {
    boost::asio::io_context loop;
    const auto turn = [&] {
        loop.restart();
        loop.poll();
    };
    async::SystemClock clock;
    SlowStore disk(loop.get_executor());
    Committer committer(loop.get_executor(), disk, clock, std::chrono::seconds(1));
    async::TaskGroup group(loop.get_executor());
    group.spawn(run(&committer));
    std::optional<Result<>> before, meanwhile, after;
    group.spawn(store(&committer, &before));
    turn();
    group.spawn(store(&committer, &meanwhile));
    turn();
    CHECK_FALSE(before);
    disk.outcome = fail(Verdict::fatal, Cause::disk_full, "full");
    disk.answer.notify();
    turn();
    group.spawn(store(&committer, &after));
    turn();
    group.cancel();
    turn();
    for (const auto* heard : {&before, &meanwhile, &after}) {
        REQUIRE(*heard);
        REQUIRE((*heard)->has_error());
        CHECK((*heard)->error().cause == Cause::disk_full);
    }
}
