// Opening, locking, ending: one folder, one process.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "unit/state/opened.hpp"

using namespace halcyon;
using namespace halcyon::testing;

TEST_CASE("a folder is made, but not the one that should hold it") {
    const Folder folder;
    Opened one((folder.path() / "state").string());
    one.open();
    CHECK(one.commit(key("a"), receipt(1)).has_value());
    Opened two((folder.path() / "missing" / "state").string());
    const auto error = two.open_error();
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::invalid);
    CHECK(error.context.find("does not exist") != std::string::npos);
}

TEST_CASE("a file in the place of the folder is refused") {
    const Folder folder;
    const auto path = folder.path() / "file";
    std::ofstream(path) << "x";
    Opened one(path.string());
    const auto error = one.open_error();
    CHECK(error.cause == Cause::invalid);
    CHECK(error.context.find("is not a folder") != std::string::npos);
}

TEST_CASE("a folder that cannot be written is refused with what to check") {
    Opened one("/sys/halcyon");
    const auto error = one.open_error();
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::unauthorized);
    CHECK(error.context.find("/sys/halcyon") != std::string::npos);
}

TEST_CASE("options out of range are refused before anything is made") {
    const Folder folder;
    const auto path = (folder.path() / "state").string();
    const auto refused = [&](auto change) {
        Opened one(path);
        change(one.options);
        CHECK(one.open_error().cause == Cause::invalid);
    };
    refused([](auto& o) { o.path.clear(); });
    refused([](auto& o) { o.cache = 1; });
    refused([](auto& o) { o.write_buffer = 0; });
    refused([](auto& o) { o.max_open_files = -1; });
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE(
    "a second store on the folder is refused, in the same process too, and says which process holds it") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    Opened two(folder.path().string());
    const auto error = two.open_error();
    CHECK(error.verdict == Verdict::fatal);
    CHECK(error.cause == Cause::conflict);
    CHECK(error.context.find("process " + std::to_string(::getpid())) != std::string::npos);
    one.crash();
    two.open();
}

// Run by the next test in a process of its own: holds the folder until its standard input ends.
TEST_CASE("holds the state folder", "[.][holder]") {
    const char* path = std::getenv("HALCYON_TEST_STATE");
    REQUIRE(path);
    Opened one(path);
    one.open();
    REQUIRE(one.commit(key("theirs"), receipt(1)).has_value());
    REQUIRE(::write(3, "x", 1) == 1);
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    ::_exit(0);  // kill -9, as far as the store can tell
}

TEST_CASE("another process that holds the folder is named; when it died, all it committed is there") {
    const Folder folder;
    int input[2];
    int ready[2];
    REQUIRE(::pipe(input) == 0);
    REQUIRE(::pipe(ready) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(input[0], STDIN_FILENO);
        const int keep = ::dup(ready[1]);
        ::dup2(keep, 3);
        for (int fd = 4; fd < 64; ++fd) ::close(fd);
        ::setenv("HALCYON_TEST_STATE", folder.path().c_str(), 1);
        ::execl("/proc/self/exe", "unit_state", "[holder]", nullptr);
        ::_exit(127);
    }
    ::close(input[0]);
    ::close(ready[1]);
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    Opened one(folder.path().string());
    const auto error = one.open_error();
    CHECK(error.cause == Cause::conflict);
    CHECK(error.context.find("process " + std::to_string(child)) != std::string::npos);
    ::close(input[1]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    ::close(ready[0]);
    one.open();
    CHECK(one.read(key("theirs")) == receipt(1));
    CHECK_FALSE(one.load().clean);
}

TEST_CASE("only an orderly end is clean, and only once") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    CHECK_FALSE(one.load().clean);
    one.stop();
    one.open();
    CHECK(one.load().clean);
    CHECK(one.load().clean);
    one.crash();
    one.open();
    CHECK_FALSE(one.load().clean);
}

TEST_CASE("after the orderly end nothing is committed, but reads work, and a sync of nothing is no failure") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    REQUIRE(run(one.loop, one.store->close()).has_value());
    const auto late = one.commit(key("b"), receipt(1));
    REQUIRE(late.has_error());
    CHECK(late.error().context.find("closed") != std::string::npos);
    CHECK(run(one.loop, one.store->commit({}, Durability::synced)).has_value());
    CHECK(run(one.loop, one.store->close()).has_value());
    CHECK(one.read(key("a")) == receipt(1));
    CHECK_FALSE(one.read(key("b")));
}

TEST_CASE("another boot of the machine is noticed, and one that is not known counts as another") {
    const Folder folder;
    Opened one(folder.path().string());
    one.hooks.boot_id = "first";
    one.open();
    CHECK_FALSE(one.load().machine_restarted);
    one.crash();
    one.open();
    CHECK_FALSE(one.load().machine_restarted);
    one.stop();
    one.hooks.boot_id = "second";
    one.open();
    CHECK(one.load().machine_restarted);
    CHECK(one.load().clean);
    one.crash();
    one.hooks.boot_id = "";
    one.open();
    CHECK(one.load().machine_restarted);
}

TEST_CASE("the kernel's boot id is the same in one run of the machine") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    one.crash();
    one.open();
    CHECK_FALSE(one.load().machine_restarted);
}

TEST_CASE("a stopped store is read without being changed, as often as one likes") {
    const Folder folder;
    Opened one(folder.path().string());
    const auto missing = state::open_read_only(one.options, one.readers);
    REQUIRE(missing.has_error());
    CHECK(missing.error().cause == Cause::not_found);
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    one.stop();
    {
        auto first = state::open_read_only(one.options, one.readers);
        auto second = state::open_read_only(one.options, one.readers);
        REQUIRE(first.has_value());
        REQUIRE(second.has_value());
        for (const auto* reader : {&first.value(), &second.value()}) {
            CHECK(run(one.loop, (*reader)->receipts({key("a")})).value().front() == receipt(1));
            CHECK(run(one.loop, (*reader)->load()).value().clean);
            CHECK(run(one.loop, (*reader)->counts()).value().size() == 1);
        }
    }
    one.open();
    CHECK(one.load().clean);
}

TEST_CASE("a store that crashed can be read while it is stopped") {
    const Folder folder;
    Opened one(folder.path().string());
    one.open();
    REQUIRE(one.commit(key("a"), receipt(1)).has_value());
    one.crash();
    auto reader = state::open_read_only(one.options, one.readers);
    REQUIRE(reader.has_value());
    CHECK(run(one.loop, reader.value()->receipts({key("a")})).value().front() == receipt(1));
    CHECK_FALSE(run(one.loop, reader.value()->load()).value().clean);
}
