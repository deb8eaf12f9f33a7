// Disks that are full, files that are gone, bytes that are wrong, power that is lost.
#include <catch2/catch.hpp>
#include <fstream>

#include "async/task_group.hpp"
#include "state/errors.hpp"
#include "unit/state/fault_env.hpp"
#include "unit/state/opened.hpp"

using namespace halcyon;
using namespace halcyon::testing;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files(const Folder& folder, const std::string& part) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(folder.path() / "db"))
        if (entry.path().filename().string().find(part) != std::string::npos) out.push_back(entry.path());
    return out;
}

/// Enough commits that there are table files.
void fill(Opened& one) {
    one.options.write_buffer = MiB;
    one.open();
    for (int batch = 0; batch < 40; ++batch) {
        Commit c;
        for (int i = 0; i < 1000; ++i)
            c.receipts.emplace_back(key(std::to_string(batch * 1000 + i)),
                                    receipt(static_cast<std::uint32_t>(i)));
        REQUIRE(run(one.loop, one.store->commit(std::move(c), Durability::buffered)).has_value());
    }
    one.stop();
}

void flip_byte(const fs::path& file, std::uint64_t at) {
    std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
    f.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(f.get() ^ 0x55);
    f.seekp(static_cast<std::streamoff>(at));
    f.put(byte);
}

void check_says_how_to_rebuild(const Error& e) {
    CHECK(e.verdict == Verdict::fatal);
    CHECK(e.cause == Cause::corrupted);
    CHECK(e.context.find("move the folder away") != std::string::npos);
    CHECK(e.context.find("nothing is embedded again") != std::string::npos);
}

/// Time that jumps as soon as somebody waits for it.
class JumpingClock final : public async::Clock {
  public:
    Instant now() const override { return now_; }
    WallTime wall() const override { return {}; }
    Task<> sleep_until(Instant at) override {
        now_ = at;
        ++sleeps;
        co_await async::yield();
    }
    int sleeps = 0;

  private:
    Instant now_{};
};

Task<> sync_and_report(state::RocksStore* store, async::Clock* clock, std::optional<Result<>>* outcome) {
    outcome->emplace(co_await store->keep_synced(*clock));
}

}  // namespace

TEST_CASE("a store whose CURRENT or MANIFEST is gone is damaged, never started anew") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1), Durability::synced).has_value());
    one.stop();
    for (const auto& file : files(folder, GENERATE(as<std::string>(), "CURRENT", "MANIFEST")))
        fs::remove(file);
    check_says_how_to_rebuild(one.open_error());
    check_says_how_to_rebuild(one.open_error());
}

TEST_CASE("a store that was killed while it was made is made again") {
    const Folder folder;
    Opened one(folder.path().string());
    fs::create_directory(folder.path() / "db");
    // RocksDB writes it first, and CURRENT when it is whole.
    std::ofstream(folder.path() / "db" / "MANIFEST-000001") << "half";
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    one.stop();
    one.open();
    CHECK(one.read(key("a")) == receipt(1));
}

TEST_CASE("a table file that is missing is found at open") {
    const Folder folder;
    Opened one(folder.path().string());
    fill(one);
    const auto tables = files(folder, ".sst");
    REQUIRE_FALSE(tables.empty());
    fs::remove(tables.front());
    check_says_how_to_rebuild(one.open_error());
}

TEST_CASE("a table file with wrong bytes is found when it is read") {
    const Folder folder;
    Opened one(folder.path().string());
    fill(one);
    for (const auto& file : files(folder, ".sst"))
        for (std::uint64_t at = 10; at + 2000 < fs::file_size(file); at += 500) flip_byte(file, at);
    auto opened = state::open_with(one.options, one.hooks, one.writer, one.readers);
    if (opened.has_error()) return check_says_how_to_rebuild(opened.error());
    one.store = std::move(opened).value();
    const auto page = run(one.loop, one.store->scan_receipts(CollectionName("products"), {}, {}, 100'000));
    REQUIRE(page.has_error());
    check_says_how_to_rebuild(page.error());
}

TEST_CASE("a write that the power cut in two ends the log, and everything before it is there") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    REQUIRE(one.commit(key("b"), receipt(1)).has_value());
    one.crash();
    const auto logs = files(folder, ".log");
    REQUIRE(logs.size() == 1);
    fs::resize_file(logs.front(), fs::file_size(logs.front()) - 3);
    one.open();
    CHECK(one.read(key("a")) == receipt(1));
    CHECK_FALSE(one.read(key("b")));
}

TEST_CASE("a full disk fails the commit and every later one, and is named") {
    const Folder folder;
    FaultEnv env;
    Opened one(folder.path().string());
    one.hooks.env = &env;
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    env.fail_writes(rocksdb::Status::NoSpace("No space left on device"));
    const auto failed = one.commit(key("b"), receipt(1));
    REQUIRE(failed.has_error());
    CHECK(failed.error().verdict == Verdict::fatal);
    CHECK(failed.error().cause == Cause::disk_full);
    // Whoever looks at the status is told, too.
    CHECK(run(one.loop, one.store->counts()).error().cause == Cause::disk_full);
    CHECK(failed.error().context.find("free some space") != std::string::npos);
    env.fail_writes(rocksdb::Status::OK());
    CHECK(one.commit(key("c"), receipt(1)).has_error());
    CHECK(one.read(key("a")) == receipt(1));
    CHECK_FALSE(one.read(key("c")));
    CHECK(run(one.loop, one.store->close()).has_error());
    one.crash();
    one.open();
    CHECK_FALSE(one.load().clean);
    CHECK(one.read(key("a")) == receipt(1));
    CHECK_FALSE(one.read(key("b")));
    CHECK(one.commit(key("b"), receipt(2)).has_value());
}

TEST_CASE("a full disk at open is named") {
    const Folder folder;
    FaultEnv env;
    env.fail_writes(rocksdb::Status::NoSpace("No space left on device"));
    Opened one(folder.path().string());
    one.hooks.env = &env;
    CHECK(one.open_error().cause == Cause::disk_full);
    env.fail_writes(rocksdb::Status::OK());
    one.open();
}

TEST_CASE("a synced commit survives the machine with all before it, a buffered one the process only") {
    const Folder folder;
    FaultEnv env;
    Opened one(folder.path().string());
    one.hooks.env = &env;
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    REQUIRE(one.commit(key("b"), receipt(1), Durability::synced).has_value());
    const auto syncs = env.syncs();
    REQUIRE(one.commit(key("c"), receipt(1)).has_value());
    CHECK(env.syncs() == syncs);
    one.crash();
    const bool power = GENERATE(false, true);
    if (power) env.power_loss();
    one.open();
    CHECK(one.read(key("a")) == receipt(1));
    CHECK(one.read(key("b")) == receipt(1));
    CHECK(one.read(key("c")).has_value() == !power);
}

TEST_CASE("an empty synced commit syncs what came before it, and only if something did") {
    const Folder folder;
    FaultEnv env;
    Opened one(folder.path().string());
    one.hooks.env = &env;
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    auto syncs = env.syncs();
    REQUIRE(run(one.loop, one.store->commit({}, Durability::synced)).has_value());
    CHECK(env.syncs() == syncs + 1);
    REQUIRE(run(one.loop, one.store->commit({}, Durability::synced)).has_value());
    CHECK(env.syncs() == syncs + 1);
    one.crash();
    env.power_loss();
    one.open();
    CHECK(one.read(key("a")) == receipt(1));
}

TEST_CASE("the periodic sync bounds what a power loss takes, and stops at the first failure") {
    const Folder folder;
    FaultEnv env;
    Opened one(folder.path().string());
    one.hooks.env = &env;
    one.open();
    JumpingClock clock;
    std::optional<Result<>> outcome;
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    const auto syncs = env.syncs();
    Spawned syncing(one.loop, sync_and_report(one.store.get(), &clock, &outcome));
    one.loop.io.restart();
    while (clock.sleeps < 3) one.loop.io.run_one();
    CHECK(env.syncs() == syncs + 1);

    SECTION("cancelled, it ends") {
        syncing.cancel();
        one.loop.run();
        CHECK(syncing.aborted());
        one.crash();
        env.power_loss();
        one.open();
        CHECK(one.read(key("a")) == receipt(1));
    }
    SECTION("a failed commit ends it") {
        env.fail_writes(rocksdb::Status::IOError("broken"));
        Commit c;
        c.receipts.emplace_back(key("b"), receipt(1));
        std::optional<Result<>> committed;
        const Spawned committing(one.loop, keep(one.store->commit(c, Durability::buffered), &committed));
        one.loop.run();
        CHECK(committed->has_error());
        REQUIRE(outcome);
        CHECK(outcome->error().cause == Cause::unavailable);
    }
}

TEST_CASE("every answer of RocksDB has a verdict and a cause") {
    using rocksdb::Status;
    const auto cause = [](const Status& s) { return state::to_error(s, "writing", "/p").cause; };
    CHECK(cause(Status::Corruption("block checksum mismatch")) == Cause::corrupted);
    CHECK(cause(Status::NoSpace("x")) == Cause::disk_full);
    CHECK(cause(Status::SpaceLimit("x")) == Cause::disk_full);
    CHECK(cause(Status::IOError("x", "No space left on device")) == Cause::disk_full);
    CHECK(cause(Status::IOError("x", "Disk quota exceeded")) == Cause::disk_full);
    CHECK(cause(Status::IOError("While lock file: x", "Resource temporarily unavailable")) ==
          Cause::conflict);
    CHECK(cause(Status::IOError("x", "Read-only file system")) == Cause::unauthorized);
    CHECK(cause(Status::IOError("x", "Permission denied")) == Cause::unauthorized);
    CHECK(cause(Status::IOError("x", "Too many open files")) == Cause::unavailable);
    CHECK(cause(Status::IOError("x", "Input/output error")) == Cause::unavailable);
    CHECK(cause(Status::PathNotFound("x")) == Cause::corrupted);
    CHECK(cause(Status::InvalidArgument("x")) == Cause::internal);
    CHECK(state::to_error(Status::IOError("x"), "writing", "/p").context.find("writing in /p") == 0);
}
