#include "pipeline/decide/writer_lease.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace halcyon;
using namespace halcyon::pipeline;
using Finding = WriterLease::Finding;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Instant begin{};

WriterLease ours() { return {"us", "run-1", seconds(60)}; }
WriterMark theirs(std::uint64_t beat, std::string run = "run-9") {
    return {"them", std::move(run), "", beat, 60'000, false};
}

}  // namespace

TEST_CASE("a collection without a mark, or with an empty one, is taken") {
    auto lease = ours();
    CHECK(lease.judge({}, begin) == Finding::take);
    CHECK(lease.judge(WriterMark{}, begin) == Finding::take);
    CHECK_FALSE(lease.holding());
}

TEST_CASE("our own mark is held and counted up") {
    auto lease = ours();
    const auto first = lease.next("then");
    lease.taken();
    CHECK(lease.judge(first, begin + seconds(1000)) == Finding::hold);
    CHECK(lease.holding());
    const auto second = lease.next("then");
    CHECK(second.beat == first.beat + 1);
    CHECK(second.writer == "us");
    CHECK(second.run == "run-1");
    CHECK(second.lease_ms == 60'000);
    CHECK_FALSE(second.released);
    CHECK(lease.next("then", true).released);
}

TEST_CASE("the mark of an earlier process with the same state is taken at once") {
    auto lease = ours();
    auto before = theirs(7);
    before.writer = "us";
    CHECK(lease.judge(before, begin) == Finding::take);
}

TEST_CASE("a mark that changes is alive, however long it takes and whatever it says of time") {
    auto lease = ours();
    auto mark = theirs(1);
    for (int i = 0; i < 20; ++i) {
        mark.beat += 1;
        mark.since = i % 2 ? "1970-01-01T00:00:00.000Z" : "2999-01-01T00:00:00.000Z";
        CHECK(lease.judge(mark, begin + seconds(59 * i)) == Finding::wait);
    }
}

TEST_CASE("a mark that did not change for a lease is taken over, not a moment sooner") {
    auto lease = ours();
    CHECK(lease.judge(theirs(1), begin + seconds(10)) == Finding::wait);
    CHECK(lease.judge(theirs(1), begin + seconds(70) - milliseconds(1)) == Finding::wait);
    CHECK(lease.judge(theirs(1), begin + seconds(70)) == Finding::take_over);
}

TEST_CASE("the longer of both leases counts, within an hour") {
    auto lease = ours();
    auto mark = theirs(1);
    mark.lease_ms = 300'000;
    CHECK(lease.judge(mark, begin) == Finding::wait);
    CHECK(lease.judge(mark, begin + seconds(299)) == Finding::wait);
    CHECK(lease.judge(mark, begin + seconds(300)) == Finding::take_over);
    auto patient = ours();
    mark.lease_ms = std::numeric_limits<std::int64_t>::max();
    CHECK(patient.judge(mark, begin) == Finding::wait);
    CHECK(patient.judge(mark, begin + seconds(3600)) == Finding::take_over);
    auto odd = ours();
    mark.lease_ms = -5;
    CHECK(odd.judge(mark, begin) == Finding::wait);
    CHECK(odd.judge(mark, begin + seconds(60)) == Finding::take_over);
}

TEST_CASE("another process of theirs begins the wait anew") {
    auto lease = ours();
    CHECK(lease.judge(theirs(5), begin) == Finding::wait);
    CHECK(lease.judge(theirs(5, "run-10"), begin + seconds(59)) == Finding::wait);
    CHECK(lease.judge(theirs(5, "run-10"), begin + seconds(118)) == Finding::wait);
    CHECK(lease.judge(theirs(5, "run-10"), begin + seconds(119)) == Finding::take_over);
}

TEST_CASE("what was released is taken over at once") {
    auto lease = ours();
    auto mark = theirs(3);
    CHECK(lease.judge(mark, begin) == Finding::wait);
    mark.released = true;
    CHECK(lease.judge(mark, begin) == Finding::take_over);
}

TEST_CASE("who finds another's mark in the place of his own has lost it") {
    auto lease = ours();
    lease.taken();
    CHECK(lease.judge(theirs(1), begin) == Finding::wait);
    CHECK_FALSE(lease.holding());
}

TEST_CASE("a copy of the state that begins later is another writer") {
    auto lease = ours();
    lease.taken();
    auto copy = theirs(1);
    copy.writer = "us";
    CHECK(lease.judge(copy, begin) == Finding::wait);
    CHECK(lease.judge(copy, begin + seconds(60)) == Finding::take_over);
}
