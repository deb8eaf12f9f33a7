#include "state/vectors.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/random.hpp"
#include "support/memory_vectors.hpp"
#include "unit/async/loop.hpp"
#include "unit/state/folder.hpp"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

struct AnyCache {
    explicit AnyCache(const std::string& kind) {
        options.path = (folder.path() / "vectors").string();
        options.memory = 2 * MiB;
        if (kind == "memory")
            memory = std::make_unique<MemoryVectors>(clock, random);
        else
            open();
    }
    void open() {
        rocks.reset();
        auto opened = state::Vectors::open(options, pool);
        if (opened.has_error()) FAIL(describe(opened.error()));
        rocks = std::move(opened).value();
    }
    VectorCache& cache() { return rocks ? static_cast<VectorCache&>(*rocks) : *memory; }
    void put(std::vector<std::pair<Digest, EncodedVector>> v) { run(loop, cache().put(std::move(v))); }
    std::vector<std::optional<EncodedVector>> get(std::vector<Digest> keys, std::uint32_t dimension) {
        return run(loop, cache().get(std::move(keys), dimension));
    }
    std::string one(Digest key, std::uint32_t dimension) {
        const auto got = get({key}, dimension);
        return got.front() ? got.front()->json : "";
    }

    Loop loop;
    Folder folder;
    async::SystemClock clock;
    SeededRandom random{1};
    async::ThreadPool pool{1};
    state::VectorOptions options;
    std::unique_ptr<MemoryVectors> memory;
    std::unique_ptr<state::Vectors> rocks;
};

std::string text_of(std::size_t numbers, Random& random) {
    std::string json = "[";
    for (std::size_t i = 0; i < numbers; ++i)
        json += (i > 0 ? "," : "") + std::string("-0.") + std::to_string(random.below(1'000'000'000));
    return json + "]";
}

}  // namespace

TEST_CASE("a vector comes back as the very text it was, each to its key") {
    AnyCache c(GENERATE(as<std::string>(), "memory", "rocks"));
    const EncodedVector a{"[1.50,-2e-3,0.10000000000000001]", 3};
    const EncodedVector b{"[0,0,1]", 3};
    c.put({{Digest{1, 1}, a}, {Digest{1, 2}, b}});
    const auto got = c.get({Digest{1, 2}, Digest{9, 9}, Digest{1, 1}, Digest{1, 2}}, 3);
    REQUIRE(got.size() == 4);
    CHECK(got[0]->json == b.json);
    CHECK_FALSE(got[1]);
    CHECK(got[2]->json == a.json);
    CHECK(got[2]->dimension == 3);
    CHECK(got[3]->json == b.json);
    CHECK(c.get({}, 3).empty());
    c.put({});
}

TEST_CASE("what was put last counts") {
    AnyCache c(GENERATE(as<std::string>(), "memory", "rocks"));
    c.put({{Digest{1, 1}, {"[1]", 1}}});
    c.put({{Digest{1, 1}, {"[2]", 1}}});
    CHECK(c.one(Digest{1, 1}, 1) == "[2]");
}

TEST_CASE("a vector of another size than asked for is not there") {
    AnyCache c(GENERATE(as<std::string>(), "memory", "rocks"));
    c.put({{Digest{1, 1}, {"[1,2]", 2}}});
    CHECK(c.one(Digest{1, 1}, 3).empty());
    CHECK(c.one(Digest{1, 1}, 2) == "[1,2]");
}

TEST_CASE("an entry that says another size than it has is not there") {
    AnyCache c("rocks");
    c.put({{Digest{1, 1}, {"[1,2]", 3}}, {Digest{1, 2}, {"[1,2,3", 3}}, {Digest{1, 3}, {"", 1}}});
    CHECK(c.one(Digest{1, 1}, 3).empty());
    CHECK(c.one(Digest{1, 2}, 3).empty());
    CHECK(c.one(Digest{1, 3}, 1).empty());
}

TEST_CASE("an orderly end keeps vectors, and a cache that was damaged is begun anew") {
    AnyCache c("rocks");
    c.put({{Digest{1, 1}, {"[1]", 1}}});
    c.open();
    CHECK(c.one(Digest{1, 1}, 1) == "[1]");
    c.rocks.reset();
    const auto damaged = GENERATE(as<std::string>(), "MANIFEST", ".sst");
    std::size_t files = 0;
    for (const auto& f : std::filesystem::directory_iterator(c.options.path))
        if (f.path().filename().string().find(damaged) != std::string::npos) {
            const auto size = std::filesystem::file_size(f.path());
            std::ofstream(f.path(), std::ios::binary) << std::string(size, 'x');
            ++files;
        }
    REQUIRE(files > 0);
    c.open();
    CHECK(c.one(Digest{1, 1}, 1).empty());
    c.put({{Digest{1, 1}, {"[2]", 1}}});
    CHECK(c.one(Digest{1, 1}, 1) == "[2]");
}

TEST_CASE("the room is bounded: the oldest go first, but not what was asked for lately") {
    AnyCache c("rocks");
    c.options.bytes = 16 * MiB;
    c.open();
    constexpr std::uint32_t dimension = 768;
    const auto asked = Digest{7, 7};
    const auto forgotten = Digest{7, 8};
    const EncodedVector first{text_of(dimension, c.random), dimension};
    c.put({{asked, first}, {forgotten, first}});
    std::uint64_t most = 0;
    // Nearly twice the room: half of the bytes of such a text remain.
    for (std::uint64_t batch = 0; batch < 500; ++batch) {
        std::vector<std::pair<Digest, EncodedVector>> vectors;
        for (std::uint64_t i = 0; i < 16; ++i)
            vectors.emplace_back(Digest{batch + 100, i},
                                 EncodedVector{text_of(dimension, c.random), dimension});
        // It keeps nothing while the disk is behind.
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        do {
            REQUIRE(std::chrono::steady_clock::now() < until);
            c.put(vectors);
        } while (c.one(vectors.back().first, dimension).empty());
        REQUIRE(c.one(asked, dimension) == first.json);
        most = std::max(most, c.cache().bytes());
    }
    CHECK(c.one(forgotten, dimension).empty());
    CHECK(most < c.options.bytes + c.options.bytes / 2);
    CHECK(most > c.options.bytes / 2);
}

TEST_CASE("a cache that is switched off gives its room back") {
    AnyCache c("rocks");
    c.put({{Digest{1, 1}, {"[1]", 1}}});
    c.rocks.reset();
    state::Vectors::remove(c.options);
    CHECK_FALSE(std::filesystem::exists(c.options.path));
    state::Vectors::remove(c.options);
}
