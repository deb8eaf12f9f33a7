// The same random history on both stores, compared after every few steps.
#include <catch2/catch.hpp>
#include <map>

#include "contract/state/stores.hpp"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

class History {
  public:
    explicit History(std::uint64_t seed) : random_(seed) {}

    Commit commit() {
        Commit c;
        repeat(6, [&] {
            auto confirmed = receipt(any_time(), random_.below(3) == 0);
            confirmed.at = WallTime{any_time()};
            c.receipts.emplace_back(any_key(), confirmed);
        });
        repeat(2, [&] { c.forget.push_back(any_key()); });
        repeat(4, [&] {
            auto note = owed(any_time(), static_cast<std::int64_t>(random_.below(40)));
            note.attempts = static_cast<std::uint32_t>(random_.below(2));
            note.since = WallTime{any_time()};
            c.owed.emplace_back(any_key(), note);
        });
        repeat(3, [&] { c.expired.emplace_back(any_key(), version(any_time())); });
        repeat(2, [&] { c.owed_done.push_back(any_key()); });
        repeat(2, [&] { c.dead.emplace_back(any_key(), dead(any_time())); });
        repeat(2, [&] { c.dead_done.push_back(any_key()); });
        repeat(2, [&] {
            c.namespaces.push_back({any_namespace(), version(any_time()), random_.below(2) == 0});
        });
        repeat(2, [&] { c.namespaces_done.push_back(any_namespace()); });
        repeat(2, [&] {
            c.snapshots.push_back(
                {any_namespace(), any_collection(), {}, version(any_time()), {}, any_time(), false});
        });
        repeat(2, [&] { c.snapshots_done.emplace_back(any_namespace(), any_collection()); });
        repeat(2,
               [&] { c.notes.emplace_back(std::to_string(random_.below(4)), std::to_string(any_time())); });
        if (random_.below(2) == 0)
            c.frontier = Frontier{any_time(), {"t", {any_time(), 1}, true, false}, {}, {}};
        return c;
    }
    std::uint64_t below(std::uint64_t n) { return random_.below(n); }
    CollectionName any_collection() {
        return CollectionName(random_.below(2) == 0 ? std::string("a") : std::string("a\0b", 3));
    }

  private:
    template <class F>
    void repeat(std::uint64_t most, F f) {
        for (auto n = random_.below(most); n > 0; --n) f();
    }
    std::uint32_t any_time() { return static_cast<std::uint32_t>(random_.below(30)); }
    Namespace any_namespace() { return {"d", random_.below(2) == 0 ? "x" : "y"}; }
    ReceiptKey any_key() {
        const std::string ids[] = {
            "", std::string(1, '\0'), std::string("\0\xff", 2), "\xff", "1", "11", "111", "2"};
        return {any_collection(), {any_namespace(), DocId::from_bytes(ids[random_.below(8)])}};
    }
    SeededRandom random_;
};

template <class T>
std::vector<std::pair<ReceiptKey, T>> all(std::function<Page<T>(std::optional<std::string>)> next_page) {
    std::vector<std::pair<ReceiptKey, T>> out;
    std::optional<std::string> from;
    do {
        auto page = next_page(from);
        out.insert(out.end(), page.rows.begin(), page.rows.end());
        from = page.next;
    } while (from);
    return out;
}

void compare(AnyStore& a, AnyStore& b, History& history) {
    const auto limit = 1 + history.below(5);
    std::map<CollectionName, CollectionCounts> scanned;
    for (const auto& collection : {std::string("a"), std::string("a\0b", 3)}) {
        const auto receipts = [&](AnyStore& s) {
            return all<Receipt>([&](auto from) { return s.scan(collection, {}, from, limit); });
        };
        const auto rows = receipts(a);
        REQUIRE(rows == receipts(b));
        auto& count = scanned[CollectionName(collection)];
        count.collection = CollectionName(collection);
        for (const auto& [k, r] : rows) ++(r.deleted ? count.tombstones : count.receipts);
        const auto now = static_cast<std::int64_t>(history.below(45));
        for (const bool retries : {false, true}) {
            REQUIRE(a.due(collection, now, limit, retries) == b.due(collection, now, limit, retries));
            const auto notes = a.due(collection, 1000, 1000, retries);
            count.owed += notes.size();
            REQUIRE(notes == b.due(collection, 1000, 1000, retries));
            for (const auto& [k, note] : notes) REQUIRE((note.attempts > 0) == retries);
        }
        for (const auto status : all_statuses) {
            const auto documents = [&](AnyStore& s) {
                return all<Stored>([&](auto from) {
                    return s.documents({CollectionName(collection), {}, status}, from, limit);
                });
            };
            const auto listed = documents(a);
            REQUIRE(listed == documents(b));
            count.of(status) = listed.size();
            std::vector<ReceiptKey> keys;
            for (const auto& [k, stored] : listed) {
                REQUIRE(stored.status() == status);
                keys.push_back(k);
            }
            for (auto* store : {&a, &b}) {
                const auto found = store->stored(keys);
                for (std::size_t i = 0; i < keys.size(); ++i) REQUIRE(found[i] == listed[i].second);
            }
        }
        const auto letters = [&](AnyStore& s) {
            return all<DeadLetter>(
                [&](auto from) { return s.dead_letters(CollectionName(collection), from, limit); });
        };
        count.dead = letters(a).size();
        REQUIRE(letters(a) == letters(b));
    }
    for (const DocumentFilter& filter : {DocumentFilter{}, DocumentFilter{{}, Namespace{"d", "x"}, {}}}) {
        const auto documents = [&](AnyStore& s) {
            return all<Stored>([&](auto from) { return s.documents(filter, from, limit); });
        };
        REQUIRE(documents(a) == documents(b));
    }
    for (auto* store : {&a, &b})
        for (const auto& counts : store->counts()) {
            const auto& expected = scanned.at(counts.collection);
            REQUIRE(counts == expected);
        }
    REQUIRE(a.counts().size() == b.counts().size());
    const auto x = a.load();
    const auto y = b.load();
    REQUIRE(x.notes == y.notes);
    REQUIRE(x.frontier.has_value() == y.frontier.has_value());
    if (x.frontier) REQUIRE(x.frontier->position == y.frontier->position);
    REQUIRE(x.clean == y.clean);
    REQUIRE(x.namespaces.size() == y.namespaces.size());
    for (std::size_t i = 0; i < x.namespaces.size(); ++i) {
        REQUIRE(x.namespaces[i].ns == y.namespaces[i].ns);
        REQUIRE(x.namespaces[i].version == y.namespaces[i].version);
    }
    REQUIRE(x.snapshots.size() == y.snapshots.size());
    for (std::size_t i = 0; i < x.snapshots.size(); ++i) {
        REQUIRE(x.snapshots[i].ns == y.snapshots[i].ns);
        REQUIRE(x.snapshots[i].collection == y.snapshots[i].collection);
        REQUIRE(x.snapshots[i].scanned == y.snapshots[i].scanned);
    }
}

}  // namespace

TEST_CASE("both stores tell the same story of any history, and counts equal a scan") {
    const auto seed = GENERATE(range(1, 7));
    CAPTURE(seed);
    // Lists are read from the records, from an index, or from one that goes with each commit.
    const auto lists = GENERATE(state::ListHooks{}, state::ListHooks{.few = 0, .at_once = 3},
                                state::ListHooks{.few = 0, .unused = Duration(0)});
    CAPTURE(lists.few, lists.unused.count());
    History history(static_cast<std::uint64_t>(seed));
    AnyMemoryStore memory;
    AnyRocksStore rocks(lists);
    for (int step = 0; step < 250; ++step) {
        CAPTURE(step);
        auto commit = history.commit();
        // Some know what was stored, as those do who have read it.
        for (auto& confirmed : commit.receipts)
            if (history.below(2) == 0) confirmed.earlier = {true, memory.receipts({confirmed.key}).front()};
        const auto durability = history.below(8) == 0 ? Durability::synced : Durability::buffered;
        REQUIRE(memory.commit(commit, durability).has_value());
        REQUIRE(rocks.commit(commit, durability).has_value());
        if (history.below(5) == 0) compare(memory, rocks, history);
        if (history.below(60) == 0) {
            const bool orderly = history.below(2) == 0;
            for (AnyStore* store : {static_cast<AnyStore*>(&memory), static_cast<AnyStore*>(&rocks)})
                orderly ? store->restart() : store->crash();
            compare(memory, rocks, history);
        }
    }
}
