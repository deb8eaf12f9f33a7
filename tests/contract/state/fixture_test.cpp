// State folders that earlier versions wrote (tests/fixtures/state-v*) still read as they did.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "contract/state/listing.hpp"
#include "state/codec.hpp"
#include "state/testing.hpp"

using namespace halcyon;
using namespace halcyon::testing;
namespace fs = std::filesystem;

namespace {

const std::string boot_id = "11111111-2222-3333-4444-555555555555";
const fs::path fixtures = fs::path(HALCYON_SOURCE_DIR) / "tests" / "fixtures";

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

/// A store in a folder of its own, on the machine that the fixtures know.
class OnDisk final : public AnyStore {
  public:
    explicit OnDisk(fs::path path) {
        options.path = path.string();
        hooks.boot_id = boot_id;
    }
    CommitStore& commits() override { return *store; }
    StateReader& reader() override { return store ? static_cast<StateReader&>(*store) : *read_only; }
    void open() {
        auto opened = state::open_with(options, hooks, writer, readers);
        if (opened.has_error()) FAIL(describe(opened.error()));
        store = std::move(opened).value();
    }
    void restart() override {
        REQUIRE(run(loop, store->close()).has_value());
        crash();
    }
    void crash() override {
        store.reset();
        open();
    }

    state::Options options;
    state::Hooks hooks;
    async::ThreadPool writer{1};
    async::ThreadPool readers{2};
    std::unique_ptr<state::RocksStore> store;
    std::unique_ptr<StateReader> read_only;
};

void commit_all(AnyStore& store, const std::vector<Commit>& commits) {
    for (const auto& c : commits) REQUIRE(store.commit(c, Durability::synced).has_value());
}

std::vector<fs::path> folders() {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(fixtures))
        if (entry.is_directory() && entry.path().filename().string().starts_with("state-v"))
            out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

/// The listing, with what today's program makes of what was called otherwise.
boost::json::value expected_of(const fs::path& folder) {
    auto listing = boost::json::parse(read_file(folder / "listing.json"));
    if (folder.filename() == "state-v1")
        for (auto& letter : listing.as_object()["dead_letters"].as_array())
            if (auto& code = letter.as_object()["code"]; code == "rejected") code = "UNKNOWN";
    return listing;
}

void check_statuses(AnyStore& store) {
    for (const auto& counts : store.counts())
        for (const auto status : all_statuses)
            CHECK(store.documents({counts.collection, {}, status}).rows.size() == counts.of(status));
}

}  // namespace

TEST_CASE("a state folder of every earlier version reads as it did, and is at work afterwards") {
    REQUIRE_FALSE(folders().empty());
    for (const auto& folder : folders())
        for (const std::string ended : {"clean", "unclean"}) {
            INFO((folder / ended).string());
            const Folder copy;
            fs::copy(folder / ended, copy.path(), fs::copy_options::recursive);
            const auto expected = expected_of(folder);
            OnDisk store(copy.path());
            store.open();
            CHECK(difference(expected, listing_of(store)) == "");
            check_statuses(store);
            CHECK(store.load().clean == (ended == "clean"));
            CHECK_FALSE(store.load().machine_restarted);
            const auto added = key("added afterwards");
            Commit c;
            c.receipts.emplace_back(added, receipt(1'800'000'000));
            REQUIRE(store.commit(c, Durability::synced).has_value());
            store.restart();
            CHECK(store.receipts({added}).front() == receipt(1'800'000'000));
            Commit undone;
            undone.forget.push_back(added);
            REQUIRE(store.commit(undone, Durability::synced).has_value());
            CHECK(difference(expected, listing_of(store)) == "");
        }
}

TEST_CASE("without the right to write, a folder of this version reads as it did and an older one says so") {
    for (const auto& folder : folders()) {
        INFO(folder.string());
        const Folder copy;
        fs::copy(folder / "clean", copy.path(), fs::copy_options::recursive);
        OnDisk store(copy.path());
        auto opened = state::open_read_only_with(store.options, store.hooks, store.readers);
        if (folder.filename() == "state-v" + std::to_string(state::schema_version)) {
            REQUIRE(opened.has_value());
            store.read_only = std::move(opened).value();
            CHECK(difference(expected_of(folder), listing_of(store)) == "");
        } else {
            REQUIRE(opened.has_error());
            CHECK(opened.error().context.find("older schema version") != std::string::npos);
        }
    }
}

TEST_CASE("this schema version has its folder, and no folder names the machine that wrote it") {
    CHECK(fs::exists(fixtures / ("state-v" + std::to_string(state::schema_version)) / "listing.json"));
    char host[256] = {};
    REQUIRE(::gethostname(host, sizeof host - 1) == 0);
    std::uintmax_t bytes = 0;
    for (const auto& folder : folders())
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            INFO(entry.path().string());
            const auto text = read_file(entry.path());
            bytes += text.size();
            CHECK_FALSE(entry.path().filename().string().starts_with("LOG"));
            for (const std::string word : {"/tmp", "/home", "/work", "/root"})
                CHECK(text.find(word) == std::string::npos);
            if (std::string(host).size() > 3) CHECK(text.find(host) == std::string::npos);
        }
    CHECK(bytes < 256 * KiB * folders().size());
}

// How a folder is added for a new schema version: tests/fixtures/README.md.
TEST_CASE("writes the state folder of this schema version", "[.][write-fixture]") {
    const auto folder = fixtures / ("state-v" + std::to_string(state::schema_version));
    INFO("a folder that exists is never written again: " << folder.string());
    REQUIRE_FALSE(fs::exists(folder));
    const auto commits = fixture_commits();
    AnyMemoryStore model;
    commit_all(model, commits.first);
    commit_all(model, commits.second);
    const auto listing = listing_of(model);
    for (const std::string ended : {"clean", "unclean"}) {
        const Folder made;
        {
            OnDisk store(made.path());
            store.open();
            commit_all(store, commits.first);
            store.restart();  // what was in the log goes into tables
            commit_all(store, commits.second);
            REQUIRE(difference(listing, listing_of(store)) == "");
            if (ended == "clean") REQUIRE(run(store.loop, store.store->close()).has_value());
        }
        fs::create_directories(folder / ended / "db");
        for (const auto& entry : fs::directory_iterator(made.path() / "db")) {
            const auto name = entry.path().filename().string();
            if (name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK") continue;
            fs::copy(entry.path(), folder / ended / "db");
        }
    }
    std::ofstream(folder / "listing.json") << pretty(listing);
}
