// What the simulation relies on: crashes of the memory store are exact.
#include <catch2/catch.hpp>
#include <set>

#include "async/waiter.hpp"
#include "contract/state/stores.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using namespace std::chrono_literals;

namespace {

/// Time that the test moves; whoever sleeps is woken in order.
class HandClock final : public async::Clock {
  public:
    explicit HandClock(Loop& loop) : loop_(loop) {}
    Instant now() const override { return now_; }
    WallTime wall() const override { return {}; }
    Task<> sleep_until(Instant at) override {
        if (at <= now_) co_return;
        auto waiter = std::make_shared<async::Waiter>(loop_.executor());
        sleepers_.emplace(std::pair{at, next_++}, waiter);
        co_await waiter->wait();
    }
    void advance(Duration d) {
        const auto until = now_ + d;
        loop_.turn();
        while (!sleepers_.empty() && sleepers_.begin()->first.first <= until) {
            now_ = sleepers_.begin()->first.first;
            const auto waiter = sleepers_.extract(sleepers_.begin()).mapped();
            waiter->fire();
            loop_.turn();
        }
        now_ = until;
    }

  private:
    Loop& loop_;
    Instant now_{};
    std::map<std::pair<Instant, int>, std::shared_ptr<async::Waiter>> sleepers_;
    int next_ = 0;
};

Task<> commit_into(MemoryStore* store, Commit commit, Durability durability,
                   std::optional<Result<>>* outcome) {
    outcome->emplace(co_await store->commit(std::move(commit), durability));
}

Commit one(std::uint32_t n) {
    Commit c;
    c.receipts.emplace_back(key(std::to_string(n)), receipt(n));
    return c;
}

struct Rig {
    Loop loop;
    HandClock clock{loop};
    SeededRandom random{7};
    MemoryStore store{clock, random};
    std::optional<Result<>> outcome;
    std::optional<Spawned> call;

    void start(Commit c, Durability d) {
        outcome.reset();
        call.emplace(loop, commit_into(&store, std::move(c), d, &outcome));
        loop.turn();
    }
    void commit(Commit c, Durability d) {
        start(std::move(c), d);
        clock.advance(10ms);
        REQUIRE(outcome);
        REQUIRE(outcome->has_value());
    }
};

}  // namespace

TEST_CASE("a process crash keeps what returned, a power loss only what was synced") {
    Rig rig;
    rig.commit(one(1), Durability::synced);
    rig.commit(one(2), Durability::buffered);
    const bool power = GENERATE(false, true);
    power ? rig.store.power_loss() : rig.store.process_crash();
    CHECK(rig.store.tables().receipts.size() == (power ? 1 : 2));
    CHECK(rig.store.tables().receipts.contains(key("1")));
}

TEST_CASE("a second later a buffered commit survives a power loss") {
    Rig rig;
    rig.commit(one(1), Durability::buffered);
    rig.clock.advance(1s);
    CHECK(rig.store.synced().receipts.size() == 1);
    rig.commit(one(2), Durability::buffered);
    rig.store.power_loss();
    CHECK(rig.store.tables().receipts.size() == 1);
}

TEST_CASE("a synced commit takes the buffered ones before it along") {
    Rig rig;
    rig.commit(one(1), Durability::buffered);
    rig.commit(one(2), Durability::synced);
    rig.store.power_loss();
    CHECK(rig.store.tables().receipts.size() == 2);
}

TEST_CASE("a crash in the middle of a commit keeps all of it or nothing, and its caller hears of a crash") {
    std::set<std::size_t> seen;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Loop loop;
        HandClock clock(loop);
        SeededRandom random(seed);
        MemoryStore store(clock, random);
        std::optional<Result<>> outcome;
        Commit two = one(1);
        two.receipts.emplace_back(key("2"), receipt(2));
        const Spawned call(loop, commit_into(&store, two, Durability::buffered, &outcome));
        clock.advance(1ms);
        if (outcome) continue;
        store.process_crash();
        const auto kept = store.tables().receipts.size();
        CHECK((kept == 0 || kept == 2));
        seen.insert(kept);
        clock.advance(1s);
        REQUIRE(outcome);
        CHECK(outcome->has_error());
        CHECK(store.tables().receipts.size() == kept);
    }
    CHECK(seen == std::set<std::size_t>{0, 2});
}

TEST_CASE("a commit whose caller is cancelled takes effect all the same") {
    Rig rig;
    rig.start(one(1), Durability::buffered);
    rig.call->cancel();
    rig.clock.advance(10ms);
    REQUIRE(rig.outcome);
    CHECK(rig.outcome->has_value());
    CHECK(rig.store.tables().receipts.size() == 1);
}

TEST_CASE("a failing store changes nothing and says what it was told to say") {
    Rig rig;
    rig.store.fail_commits(Error{Verdict::fatal, Cause::disk_full, "full", {}});
    rig.start(one(1), Durability::synced);
    rig.clock.advance(10ms);
    REQUIRE(rig.outcome);
    CHECK(rig.outcome->error().cause == Cause::disk_full);
    CHECK(rig.store.tables().receipts.empty());
    rig.store.fail_commits({});
    rig.commit(one(1), Durability::synced);
}

TEST_CASE("how the last incarnation ended is known to the next") {
    Rig rig;
    const auto loaded = [&] {
        std::optional<Result<StoredState>> state;
        const Spawned call(rig.loop, keep(rig.store.load(), &state));
        rig.clock.advance(10ms);
        return state.value().value();
    };
    rig.store.orderly_stop();
    CHECK(loaded().clean);
    rig.store.process_crash();
    CHECK_FALSE(loaded().clean);
    CHECK_FALSE(loaded().machine_restarted);
    rig.store.power_loss();
    CHECK_FALSE(loaded().clean);
    CHECK(loaded().machine_restarted);
}
