#include <catch2/catch.hpp>

#include "contract/state/stores.hpp"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

std::unique_ptr<AnyStore> each_store() { return make_store(GENERATE(as<std::string>(), "memory", "rocks")); }

Commit with_receipt(const ReceiptKey& k, const Receipt& r) {
    Commit c;
    c.receipts.emplace_back(k, r);
    return c;
}
Commit with_owed(const ReceiptKey& k, const Owed& o) {
    Commit c;
    c.owed.emplace_back(k, o);
    return c;
}
Commit with_dead(const ReceiptKey& k, const DeadLetter& d) {
    Commit c;
    c.dead.emplace_back(k, d);
    return c;
}
bool is(const CollectionCounts& c, std::uint64_t receipts, std::uint64_t tombstones, std::uint64_t owed_notes,
        std::uint64_t dead_ones) {
    return c.receipts == receipts && c.tombstones == tombstones && c.owed == owed_notes &&
           c.dead == dead_ones;
}

}  // namespace

TEST_CASE("a new store is empty and not clean") {
    const auto store = each_store();
    const auto state = store->load();
    CHECK_FALSE(state.frontier);
    CHECK(state.snapshots.empty());
    CHECK(state.namespaces.empty());
    CHECK(state.notes.empty());
    CHECK_FALSE(state.clean);
    CHECK_FALSE(state.machine_restarted);
    CHECK(store->counts().empty());
    CHECK(store->receipts({key("a")}) == std::vector<std::optional<Receipt>>{std::nullopt});
    CHECK(store->receipts({}).empty());
    CHECK(store->scan("products").rows.empty());
    CHECK(store->due("products", 1'000'000).empty());
    CHECK(store->dead_letters().rows.empty());
}

TEST_CASE("everything in a commit is read back, also after a restart and after a crash") {
    const auto store = each_store();
    Commit c;
    c.receipts.emplace_back(key("a"), receipt(10));
    c.receipts.emplace_back(key("b"), receipt(11, true));
    c.owed.emplace_back(key("c"), owed(12, 77));
    c.dead.emplace_back(key("d"), dead(13));
    c.namespaces.push_back({{"shop", "old"}, version(9), false});
    c.snapshots.push_back({{"shop", "products"},
                           CollectionName("products"),
                           Digest{1, 2},
                           version(5),
                           {{"", "m", "c", false}, {"m", "", "", true}},
                           42,
                           false});
    c.notes.emplace_back("routes", "r1");
    c.frontier = Frontier{3,
                          {"token", {10, 2}, true, false},
                          {"event", {9, 1}, true, true},
                          {"rs0", {11, 1}, {{{"shop", "products"}, "0011"}}}};
    REQUIRE(store->commit(c, Durability::synced).has_value());

    const auto restarts = GENERATE(0, 1, 2);
    if (restarts == 1) store->restart();
    if (restarts == 2) store->crash();

    const auto state = store->load();
    CHECK(state.clean == (restarts == 1));
    REQUIRE(state.frontier);
    CHECK(state.frontier->epoch == 3);
    CHECK(state.frontier->position == c.frontier->position);
    CHECK(state.frontier->last_event == c.frontier->last_event);
    CHECK(state.frontier->source.deployment == "rs0");
    CHECK(state.frontier->source.operation_time == ClusterTime{11, 1});
    CHECK(state.frontier->source.uuids == c.frontier->source.uuids);
    REQUIRE(state.snapshots.size() == 1);
    CHECK(state.snapshots[0].ns == Namespace{"shop", "products"});
    CHECK(state.snapshots[0].collection == CollectionName("products"));
    CHECK(state.snapshots[0].route == Digest{1, 2});
    CHECK(state.snapshots[0].started == version(5));
    CHECK(state.snapshots[0].ranges == c.snapshots[0].ranges);
    CHECK(state.snapshots[0].scanned == 42);
    CHECK_FALSE(state.snapshots[0].swept);
    REQUIRE(state.namespaces.size() == 1);
    CHECK(state.namespaces[0].ns == Namespace{"shop", "old"});
    CHECK(state.namespaces[0].version == version(9));
    CHECK(state.notes == c.notes);
    CHECK(store->receipts({key("b"), key("x"), key("a")}) ==
          std::vector<std::optional<Receipt>>{receipt(11, true), std::nullopt, receipt(10)});
    CHECK(store->due("products", 77) == std::vector{std::pair{key("c"), owed(12, 77)}});
    CHECK(store->dead_letters().rows == std::vector{std::pair{key("d"), dead(13)}});
    const auto counts = store->counts();
    REQUIRE(counts.size() == 1);
    CHECK(counts[0].collection == CollectionName("products"));
    CHECK(is(counts[0], 1, 1, 1, 1));
}

TEST_CASE("a clean stop is forgotten by the next start") {
    const auto store = each_store();
    store->restart();
    CHECK(store->load().clean);
    REQUIRE(store->commit(with_receipt(key("a"), receipt(1))).has_value());
    store->crash();
    CHECK_FALSE(store->load().clean);
}

TEST_CASE("a receipt clears the owed note and the dead letter of its key that are not newer") {
    const auto store = each_store();
    for (const std::uint32_t noted : {9U, 10U, 11U}) {
        const auto k = key("k" + std::to_string(noted));
        REQUIRE(store->commit(with_owed(k, owed(noted))).has_value());
        REQUIRE(store->commit(with_dead(k, dead(noted))).has_value());
        REQUIRE(store->commit(with_owed(k, owed(noted))).has_value());
    }
    CHECK(store->due("products", 0).size() == 3);
    Commit c;
    for (const std::uint32_t noted : {9U, 10U, 11U})
        c.receipts.emplace_back(key("k" + std::to_string(noted)), receipt(10));
    REQUIRE(store->commit(c).has_value());
    CHECK(store->due("products", 0) == std::vector{std::pair{key("k11"), owed(11)}});
    CHECK(store->dead_letters().rows == std::vector{std::pair{key("k11"), dead(11)}});
    CHECK(is(store->counts().at(0), 3, 0, 1, 1));
}

TEST_CASE("a tombstone clears notes as a receipt does, and only of its own key") {
    const auto store = each_store();
    const auto other_collection = key("a", "articles");
    const auto other_namespace = key("a", "products", "articles");
    for (const auto& k : {key("a"), other_collection, other_namespace})
        REQUIRE(store->commit(with_owed(k, owed(5))).has_value());
    REQUIRE(store->commit(with_receipt(key("a"), receipt(6, true))).has_value());
    CHECK(store->due("products", 0) == std::vector{std::pair{other_namespace, owed(5)}});
    CHECK(store->due("articles", 0) == std::vector{std::pair{other_collection, owed(5)}});
}

TEST_CASE("an owed note's version never moves back") {
    const auto store = each_store();
    REQUIRE(store->commit(with_owed(key("a"), owed(10, 100))).has_value());
    REQUIRE(store->commit(with_owed(key("a"), owed(9, 50))).has_value());
    CHECK(store->due("products", 1000) == std::vector{std::pair{key("a"), owed(10, 100)}});
    REQUIRE(store->commit(with_owed(key("a"), owed(10, 200))).has_value());
    CHECK(store->due("products", 199).empty());
    CHECK(store->due("products", 200) == std::vector{std::pair{key("a"), owed(10, 200)}});
    REQUIRE(store->commit(with_owed(key("a"), owed(11, 20))).has_value());
    CHECK(store->due("products", 1000) == std::vector{std::pair{key("a"), owed(11, 20)}});
    CHECK(is(store->counts().at(0), 0, 0, 1, 0));
}

TEST_CASE("a dead letter replaces what is not newer, and clears an owed note that is not newer") {
    const auto store = each_store();
    REQUIRE(store->commit(with_owed(key("a"), owed(5))).has_value());
    REQUIRE(store->commit(with_owed(key("b"), owed(7))).has_value());
    Commit c;
    c.dead.emplace_back(key("a"), dead(5));
    c.dead.emplace_back(key("b"), dead(6));
    REQUIRE(store->commit(c).has_value());
    CHECK(store->due("products", 0) == std::vector{std::pair{key("b"), owed(7)}});
    REQUIRE(store->commit(with_dead(key("a"), dead(4))).has_value());
    REQUIRE(store->commit(with_dead(key("b"), dead(8))).has_value());
    CHECK(store->dead_letters().rows ==
          std::vector{std::pair{key("a"), dead(5)}, std::pair{key("b"), dead(8)}});
    CHECK(store->due("products", 0).empty());
    CHECK(is(store->counts().at(0), 0, 0, 0, 2));
}

TEST_CASE("of two statements about a key in one commit the one that keeps a debt wins") {
    const auto store = each_store();
    Commit c;
    c.receipts.emplace_back(key("newer"), receipt(5));
    c.owed.emplace_back(key("newer"), owed(7));
    c.receipts.emplace_back(key("older"), receipt(7));
    c.owed.emplace_back(key("older"), owed(5));
    c.owed.emplace_back(key("again"), owed(5));
    c.owed_done.push_back(key("again"));
    c.receipts.emplace_back(key("held"), receipt(5));
    c.forget.push_back(key("held"));
    c.dead.emplace_back(key("dead"), dead(5));
    c.dead_done.push_back(key("dead"));
    c.receipts.emplace_back(key("twice"), receipt(5));
    c.receipts.emplace_back(key("twice"), receipt(6, true));
    REQUIRE(store->commit(c).has_value());
    CHECK(store->due("products", 0) ==
          std::vector{std::pair{key("again"), owed(5)}, std::pair{key("newer"), owed(7)}});
    CHECK(store->receipts({key("held"), key("twice")}) ==
          std::vector<std::optional<Receipt>>{receipt(5), receipt(6, true)});
    CHECK(store->dead_letters().rows.size() == 1);
    CHECK(is(store->counts().at(0), 3, 1, 2, 1));
}

TEST_CASE("erasing what is not there changes nothing") {
    const auto store = each_store();
    Commit c;
    c.forget.push_back(key("a"));
    c.owed_done.push_back(key("a"));
    c.dead_done.push_back(key("a"));
    c.namespaces_done.push_back({"shop", "none"});
    c.snapshots_done.emplace_back(Namespace{"shop", "none"}, CollectionName("none"));
    REQUIRE(store->commit(c).has_value());
    CHECK(store->counts().empty());
    REQUIRE(store->commit(Commit{}).has_value());
    REQUIRE(store->commit(Commit{}, Durability::synced).has_value());
}

TEST_CASE("what is erased is gone and no longer counted") {
    const auto store = each_store();
    Commit c;
    c.receipts.emplace_back(key("a"), receipt(1));
    c.receipts.emplace_back(key("b"), receipt(1, true));
    c.owed.emplace_back(key("c"), owed(1));
    c.dead.emplace_back(key("d"), dead(1));
    c.namespaces.push_back({{"shop", "old"}, version(9), true});
    c.snapshots.push_back({{"shop", "p"}, CollectionName("p"), {}, {}, {}, 0, true});
    REQUIRE(store->commit(c).has_value());
    Commit undo;
    undo.forget = {key("a"), key("b")};
    undo.owed_done = {key("c")};
    undo.dead_done = {key("d")};
    undo.namespaces_done = {{"shop", "old"}};
    undo.snapshots_done = {{Namespace{"shop", "p"}, CollectionName("p")}};
    REQUIRE(store->commit(undo).has_value());
    CHECK(store->counts().empty());
    CHECK(store->scan("products").rows.empty());
    CHECK(store->due("products", 1000).empty());
    CHECK(store->dead_letters().rows.empty());
    const auto state = store->load();
    CHECK(state.namespaces.empty());
    CHECK(state.snapshots.empty());
}

TEST_CASE("receipts, tombstones and what becomes of them are counted apart") {
    const auto store = each_store();
    REQUIRE(store->commit(with_receipt(key("a"), receipt(1))).has_value());
    REQUIRE(store->commit(with_receipt(key("a"), receipt(2))).has_value());
    CHECK(is(store->counts().at(0), 1, 0, 0, 0));
    REQUIRE(store->commit(with_receipt(key("a"), receipt(3, true))).has_value());
    CHECK(is(store->counts().at(0), 0, 1, 0, 0));
    REQUIRE(store->commit(with_receipt(key("a", "articles"), receipt(4))).has_value());
    const auto counts = store->counts();
    REQUIRE(counts.size() == 2);
    CHECK(counts[0].collection == CollectionName("articles"));
    store->restart();
    CHECK(store->counts().size() == 2);
    REQUIRE(store->commit(with_receipt(key("a"), receipt(5))).has_value());
    CHECK(is(store->counts().at(1), 1, 0, 0, 0));
}

TEST_CASE("pages hold every row once, in stored order, and end without a cursor") {
    const auto store = each_store();
    Commit c;
    std::vector<ReceiptKey> expected;
    for (const std::string ns : {"articles", "products"})
        for (int i = 0; i < 25; ++i) {
            // Bytes that a careless encoding confuses: zeros, 0xff, prefixes of one another.
            expected.push_back(key(std::string(static_cast<std::size_t>(i % 5), '\0') +
                                       std::string(static_cast<std::size_t>(i / 5), '\xff'),
                                   "products", ns));
            c.receipts.emplace_back(expected.back(), receipt(static_cast<std::uint32_t>(i + 1)));
        }
    std::sort(expected.begin(), expected.end());
    for (const auto& near : {std::string("product"), std::string("products2"), std::string("products\0", 9)})
        c.receipts.emplace_back(key("a", near), receipt(1));
    c.receipts.emplace_back(key("a", "products", "products", "shop2"), receipt(1));
    expected.push_back(key("a", "products", "products", "shop2"));
    REQUIRE(store->commit(c).has_value());

    const auto all_pages = [&](std::optional<Namespace> ns, std::size_t limit) {
        std::vector<ReceiptKey> out;
        std::optional<std::string> from;
        do {
            const auto page = store->scan("products", ns, from, limit);
            CHECK(page.rows.size() <= limit);
            for (const auto& [k, r] : page.rows) out.push_back(k);
            if (page.next) CHECK(page.rows.size() == limit);
            from = page.next;
        } while (from);
        return out;
    };
    const auto limit = GENERATE(1U, 7U, 25U, 50U, 51U, 1000U);
    CHECK(all_pages({}, limit) == expected);
    const auto first_half = all_pages(Namespace{"shop", "articles"}, limit);
    CHECK(first_half == std::vector(expected.begin(), expected.begin() + 25));
    CHECK(all_pages(Namespace{"shop", "product"}, limit).empty());
    CHECK(all_pages(Namespace{"sho", "pproducts"}, limit).empty());
}

TEST_CASE("a page goes on behind rows that were erased meanwhile") {
    const auto store = each_store();
    Commit c;
    for (const char* id : {"a", "b", "c", "d"}) c.receipts.emplace_back(key(id), receipt(1));
    REQUIRE(store->commit(c).has_value());
    const auto page = store->scan("products", {}, {}, 2);
    REQUIRE(page.next);
    Commit erase;
    erase.forget = {key("c")};
    REQUIRE(store->commit(erase).has_value());
    const auto rest = store->scan("products", {}, page.next, 2);
    REQUIRE(rest.rows.size() == 1);
    CHECK(rest.rows[0].first == key("d"));
}

TEST_CASE("a cursor of another list is refused, not misread") {
    const auto store = each_store();
    Commit c;
    for (const std::string collection : {"articles", "products"})
        for (const char* id : {"a", "b"}) {
            c.receipts.emplace_back(key(id, collection), receipt(1));
            c.dead.emplace_back(key(std::string("x") + id, collection), dead(1));
        }
    REQUIRE(store->commit(c).has_value());
    const auto foreign = store->scan("articles", {}, {}, 1).next;
    REQUIRE(foreign);
    for (const auto& cursor : {*foreign, std::string("zz"), std::string("0"), std::string()}) {
        auto page =
            run(store->loop, store->reader().scan_receipts(CollectionName("products"), {}, cursor, 10));
        REQUIRE(page.has_error());
        CHECK(page.error().verdict == Verdict::reject);
        CHECK(page.error().cause == Cause::invalid);
        auto letters = run(store->loop, store->reader().dead_letters(CollectionName("products"), cursor, 10));
        CHECK(letters.has_error());
    }
}

TEST_CASE("owed work is due soonest first, and not before its time") {
    const auto store = each_store();
    Commit c;
    c.owed.emplace_back(key("late"), owed(1, 300));
    c.owed.emplace_back(key("soon"), owed(1, 100));
    c.owed.emplace_back(key("b"), owed(1, 200));
    c.owed.emplace_back(key("a"), owed(1, 200));
    c.owed.emplace_back(key("past"), owed(1, -5));
    c.owed.emplace_back(key("other", "articles"), owed(1, 0));
    REQUIRE(store->commit(c).has_value());
    const auto ids = [&](std::int64_t at, std::size_t limit) {
        std::string out;
        for (const auto& [k, note] : store->due("products", at, limit)) out += k.document.id.bytes() + " ";
        return out;
    };
    CHECK(ids(1000, 100) == "past soon a b late ");
    CHECK(ids(299, 100) == "past soon a b ");
    CHECK(ids(1000, 2) == "past soon ");
    CHECK(ids(-6, 100).empty());
    CHECK(ids(1000, 0).empty());
    CHECK(ids(std::numeric_limits<std::int64_t>::max(), 100) == "past soon a b late ");
}

TEST_CASE("dead letters are listed over all collections or of one") {
    const auto store = each_store();
    Commit c;
    for (const std::string collection : {"articles", "products"})
        for (const char* id : {"a", "b", "c"}) c.dead.emplace_back(key(id, collection), dead(1));
    REQUIRE(store->commit(c).has_value());
    CHECK(store->dead_letters(CollectionName("products")).rows.size() == 3);
    auto page = store->dead_letters({}, {}, 4);
    REQUIRE(page.rows.size() == 4);
    CHECK(page.rows[3].first == key("a", "products"));
    page = store->dead_letters({}, page.next, 4);
    CHECK(page.rows.size() == 2);
    CHECK_FALSE(page.next);
}

TEST_CASE("a later commit replaces the frontier, notes, snapshots and namespaces of the same name") {
    const auto store = each_store();
    Commit c;
    c.frontier = Frontier{1, {"t1", {1, 1}, true, false}, {}, {}};
    c.notes.emplace_back("a", "1");
    c.notes.emplace_back("b", "1");
    c.namespaces.push_back({{"shop", "x"}, version(1), false});
    c.snapshots.push_back({{"shop", "x"}, CollectionName("c1"), {}, {}, {}, 1, false});
    c.snapshots.push_back({{"shop", "x"}, CollectionName("c2"), {}, {}, {}, 1, false});
    REQUIRE(store->commit(c).has_value());
    Commit next;
    next.frontier = Frontier{1, {"t2", {2, 1}, false, false}, {}, {}};
    next.notes.emplace_back("a", "2");
    next.namespaces.push_back({{"shop", "x"}, version(2), true});
    next.snapshots.push_back({{"shop", "x"}, CollectionName("c2"), {}, {}, {}, 2, true});
    REQUIRE(store->commit(next).has_value());
    const auto state = store->load();
    CHECK(state.frontier->position.token == "t2");
    CHECK(state.notes == std::vector<std::pair<std::string, std::string>>{{"a", "2"}, {"b", "1"}});
    REQUIRE(state.namespaces.size() == 1);
    CHECK(state.namespaces[0].swept);
    REQUIRE(state.snapshots.size() == 2);
    CHECK(state.snapshots[0].scanned == 1);
    CHECK(state.snapshots[1].complete());
}
