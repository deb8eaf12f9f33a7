#include "support/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <tuple>

#include "async/pool.hpp"

namespace halcyon::testing {
namespace {

template <class Map>
void clear_not_newer(Map& map, const ReceiptKey& key, const Version& than) {
    if (const auto at = map.find(key); at != map.end() && at->second.version <= than) map.erase(at);
}

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

std::optional<std::string> unhex(std::string_view text) {
    if (text.size() % 2 != 0 || text.find_first_not_of("0123456789abcdef") != text.npos) return std::nullopt;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 2)
        out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    return out;
}

std::string cursor_of(const ReceiptKey& key) {
    return fmt::format("{}.{}.{}.{}", hex(key.collection.value()), hex(key.document.ns.database),
                       hex(key.document.ns.collection), hex(key.document.id.bytes()));
}

std::optional<ReceiptKey> parse_cursor(std::string_view text) {
    std::vector<std::string> parts;
    for (std::size_t start = 0;;) {
        const auto dot = text.find('.', start);
        auto part = unhex(text.substr(start, dot == text.npos ? dot : dot - start));
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
        if (dot == text.npos) break;
        start = dot + 1;
    }
    if (parts.size() != 4) return std::nullopt;
    return ReceiptKey{CollectionName(parts[0]), {{parts[1], parts[2]}, DocId::from_bytes(parts[3])}};
}

/// A page of those entries of `map` from `start` on for which `wanted` holds; ends where `over` holds.
template <class T, class Over>
Page<T> page_of(const std::map<ReceiptKey, T>& map, const ReceiptKey& start, std::size_t limit, Over over) {
    Page<T> page;
    for (auto at = map.lower_bound(start); at != map.end() && !over(at->first); ++at) {
        if (page.rows.size() == std::max<std::size_t>(limit, 1)) {
            page.next = cursor_of(at->first);
            break;
        }
        page.rows.emplace_back(at->first, at->second);
    }
    return page;
}

auto bad_cursor() {
    return fail(Verdict::reject, Cause::invalid,
                "this page does not exist: the cursor is not one of this list");
}

}  // namespace

void Tables::apply(const Commit& c) {
    for (const auto& key : c.forget) receipts.erase(key);
    for (const auto& [key, version] : c.expired)
        if (const auto at = receipts.find(key); at != receipts.end() && at->second.deleted &&
                                                at->second.version == version && !owed.contains(key) &&
                                                !dead.contains(key))
            receipts.erase(at);
    for (const auto& key : c.owed_done) owed.erase(key);
    for (const auto& key : c.dead_done) dead.erase(key);
    for (const auto& ns : c.namespaces_done) namespaces.erase(ns);
    for (const auto& which : c.snapshots_done) snapshots.erase(which);
    for (const auto& [key, note] : c.owed) {
        const auto at = owed.find(key);
        if (at == owed.end() || at->second.version <= note.version) owed[key] = note;
    }
    for (const auto& [key, letter] : c.dead) {
        const auto at = dead.find(key);
        if (at == dead.end() || at->second.version <= letter.version) dead[key] = letter;
        clear_not_newer(owed, key, letter.version);
    }
    for (const auto& [key, receipt, earlier] : c.receipts) {
        receipts[key] = receipt;
        clear_not_newer(owed, key, receipt.version);
        clear_not_newer(dead, key, receipt.version);
    }
    for (const auto& tombstone : c.namespaces) namespaces[tombstone.ns] = tombstone;
    for (const auto& progress : c.snapshots) snapshots[{progress.ns, progress.collection}] = progress;
    for (const auto& [name, value] : c.notes) notes[name] = value;
    if (c.frontier) frontier = c.frontier;
}

std::map<ReceiptKey, Stored> Tables::stored() const {
    std::map<ReceiptKey, Stored> out;
    for (const auto& [key, receipt] : receipts) out[key].receipt = receipt;
    for (const auto& [key, note] : owed) out[key].owed = note;
    for (const auto& [key, letter] : dead) out[key].letter = letter;
    return out;
}

std::vector<CollectionCounts> Tables::counts() const {
    std::map<CollectionName, CollectionCounts> by_name;
    for (const auto& [key, row] : stored()) {
        auto& c = by_name[key.collection];
        c.collection = key.collection;
        if (row.receipt) ++(row.receipt->deleted ? c.tombstones : c.receipts);
        if (row.owed) ++c.owed;
        if (row.letter) ++c.dead;
        if (const auto status = row.status()) ++c.of(*status);
    }
    std::vector<CollectionCounts> out;
    for (auto& [name, counts] : by_name) out.push_back(std::move(counts));
    return out;
}

struct MemoryStore::State {
    State(async::Clock& c, Random& r, MemoryStoreOptions o) : clock(c), random(r), options(o) {}

    struct Pending {
        std::uint64_t ticket;
        Commit commit;
    };

    async::Clock& clock;
    Random& random;
    const MemoryStoreOptions options;
    Tables live;
    mutable Tables durable;
    mutable std::deque<std::pair<Instant, Commit>> unsynced;  // in `live`, not in `durable`
    std::deque<Pending> pending;                              // called, without effect yet
    std::uint64_t last_ticket = 0;
    std::uint64_t crashed = 0;  // every ticket up to this one belongs to an incarnation that is gone
    std::size_t commits = 0;
    std::optional<Error> commit_error;
    std::optional<Error> read_error;
    bool clean = false;
    bool machine_restarted = false;

    Duration draw(Duration longest) {
        return Duration(static_cast<Duration::rep>(
            random.below(static_cast<std::uint64_t>(std::max<Duration::rep>(longest.count(), 0)) + 1)));
    }

    /// What the clock's last tick has synced.
    void settle() const {
        if (options.sync.count() <= 0) return;
        const auto tick = clock.now().time_since_epoch() / options.sync * options.sync;
        while (!unsynced.empty() && unsynced.front().first.time_since_epoch() < tick) sync_one();
    }
    void sync_one() const {
        durable.apply(unsynced.front().second);
        unsynced.pop_front();
    }
    void take_effect(std::uint64_t ticket) {
        while (!pending.empty() && pending.front().ticket <= ticket) {
            live.apply(pending.front().commit);
            unsynced.emplace_back(clock.now(), std::move(pending.front().commit));
            pending.pop_front();
            ++commits;
        }
        settle();
    }
    void stop(bool orderly, bool machine) {
        settle();
        pending.clear();
        crashed = last_ticket;
        clean = orderly;
        machine_restarted = machine;
    }
};

MemoryStore::MemoryStore(async::Clock& clock, Random& random, MemoryStoreOptions options)
    : state_(std::make_shared<State>(clock, random, options)) {}
MemoryStore::~MemoryStore() = default;

Task<> MemoryStore::write(std::shared_ptr<State> state, std::uint64_t ticket, Durability durability) {
    const auto longest = state->options.commit;
    if (longest.count() > 0) co_await state->clock.sleep(state->draw(longest / 2));
    if (ticket <= state->crashed) co_return;
    state->take_effect(ticket);
    if (durability == Durability::synced) {
        if (longest.count() > 0) co_await state->clock.sleep(state->draw(longest / 4));
        if (ticket <= state->crashed) co_return;
        while (!state->unsynced.empty()) state->sync_one();
    }
    if (longest.count() > 0) co_await state->clock.sleep(state->draw(longest / 4));
}

Task<Result<>> MemoryStore::commit(Commit commit, Durability durability) {
    const auto state = state_;
    if (state->commit_error) co_return fail(*state->commit_error);
    const auto ticket = ++state->last_ticket;
    state->pending.push_back({ticket, std::move(commit)});
    auto executor = co_await async::asio::this_coro::executor;
    co_await async::until_called([state, ticket, durability, executor](std::function<void()> done) {
        async::asio::co_spawn(executor, write(state, ticket, durability),
                              [finished = std::move(done)](std::exception_ptr) { finished(); });
    });
    if (ticket <= state->crashed) co_return fail(Verdict::fatal, Cause::unavailable, "the process crashed");
    co_return success();
}

Task<std::optional<Error>> MemoryStore::read_delay() {
    const auto state = state_;
    if (state->options.read.count() > 0) co_await state->clock.sleep(state->draw(state->options.read));
    co_return state->read_error;
}

Task<Result<StoredState>> MemoryStore::load() {
    if (auto error = co_await read_delay()) co_return fail(*error);
    const auto& live = state_->live;
    StoredState out;
    out.frontier = live.frontier;
    for (const auto& [which, progress] : live.snapshots) out.snapshots.push_back(progress);
    for (const auto& [ns, tombstone] : live.namespaces) out.namespaces.push_back(tombstone);
    out.notes.assign(live.notes.begin(), live.notes.end());
    out.clean = state_->clean;
    out.machine_restarted = state_->machine_restarted;
    co_return out;
}

Task<Result<std::vector<std::optional<Receipt>>>> MemoryStore::receipts(std::vector<ReceiptKey> keys) {
    if (auto error = co_await read_delay()) co_return fail(*error);
    std::vector<std::optional<Receipt>> out;
    for (const auto& key : keys) {
        const auto at = state_->live.receipts.find(key);
        out.push_back(at == state_->live.receipts.end() ? std::nullopt : std::optional(at->second));
    }
    co_return out;
}

Task<Result<Page<Receipt>>> MemoryStore::scan_receipts(CollectionName collection, std::optional<Namespace> ns,
                                                       std::optional<std::string> from, std::size_t limit) {
    if (auto error = co_await read_delay()) co_return fail(*error);
    const auto over = [&](const ReceiptKey& k) {
        return k.collection != collection || (ns && k.document.ns != *ns);
    };
    ReceiptKey start{collection, {ns.value_or(Namespace{}), {}}};
    if (from) {
        auto parsed = parse_cursor(*from);
        if (!parsed || over(*parsed)) co_return bad_cursor();
        start = std::move(*parsed);
    }
    co_return page_of(state_->live.receipts, start, limit, over);
}

Task<Result<std::vector<std::pair<ReceiptKey, Owed>>>> MemoryStore::due(CollectionName collection,
                                                                        bool retries, WallTime due,
                                                                        std::size_t limit) {
    if (auto error = co_await read_delay()) co_return fail(*error);
    std::vector<std::pair<ReceiptKey, Owed>> out;
    for (const auto& [key, note] : state_->live.owed)
        if (key.collection == collection && (note.attempts > 0) == retries && note.next_attempt <= due)
            out.emplace_back(key, note);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(a.second.next_attempt, a.first) < std::tie(b.second.next_attempt, b.first);
    });
    if (out.size() > limit) out.resize(limit);
    co_return out;
}

Task<Result<std::vector<Stored>>> MemoryStore::stored(std::vector<ReceiptKey> keys) {
    if (auto error = co_await read_delay()) co_return fail(*error);
    const auto all = state_->live.stored();
    std::vector<Stored> out;
    for (const auto& key : keys) {
        const auto at = all.find(key);
        out.push_back(at == all.end() ? Stored{} : at->second);
    }
    co_return out;
}

Task<Result<Page<Stored>>> MemoryStore::documents(DocumentFilter filter, std::optional<std::string> from,
                                                  std::size_t limit) {
    if (auto error = co_await read_delay()) co_return fail(*error);
    std::vector<std::pair<ReceiptKey, Stored>> rows;
    for (auto& [key, stored] : state_->live.stored()) {
        const auto status = stored.status();
        if (!status || (filter.status && *filter.status != *status)) continue;
        if (filter.collection && *filter.collection != key.collection) continue;
        if (filter.ns && *filter.ns != key.document.ns) continue;
        rows.emplace_back(key, stored);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tuple(b.second.changed(), a.first) < std::tuple(a.second.changed(), b.first);
    });
    std::size_t start = 0;
    if (from) {
        while (start < rows.size() && cursor_of(rows[start].first) != *from) ++start;
        if (start == rows.size()) co_return bad_cursor();
    }
    Page<Stored> page;
    for (; start < rows.size(); ++start) {
        if (page.rows.size() == std::max<std::size_t>(limit, 1)) {
            page.next = cursor_of(rows[start].first);
            break;
        }
        page.rows.push_back(std::move(rows[start]));
    }
    co_return page;
}

Task<Result<Page<DeadLetter>>> MemoryStore::dead_letters(std::optional<CollectionName> collection,
                                                         std::optional<std::string> from, std::size_t limit) {
    if (auto error = co_await read_delay()) co_return fail(*error);
    const auto over = [&](const ReceiptKey& k) { return collection && k.collection != *collection; };
    ReceiptKey start{collection.value_or(CollectionName{}), {}};
    if (from) {
        auto parsed = parse_cursor(*from);
        if (!parsed || over(*parsed)) co_return bad_cursor();
        start = std::move(*parsed);
    }
    co_return page_of(state_->live.dead, start, limit, over);
}

Task<Result<std::vector<CollectionCounts>>> MemoryStore::counts() {
    if (auto error = co_await read_delay()) co_return fail(*error);
    co_return state_->live.counts();
}

void MemoryStore::process_crash() { state_->stop(false, false); }

void MemoryStore::power_loss() {
    state_->stop(false, true);
    state_->unsynced.clear();
    state_->live = state_->durable;
}

void MemoryStore::orderly_stop() {
    while (!state_->unsynced.empty()) state_->sync_one();
    state_->stop(true, false);
}

void MemoryStore::fail_commits(std::optional<Error> error) { state_->commit_error = std::move(error); }
void MemoryStore::fail_reads(std::optional<Error> error) { state_->read_error = std::move(error); }
const Tables& MemoryStore::tables() const { return state_->live; }
const Tables& MemoryStore::synced() const {
    state_->settle();
    return state_->durable;
}
std::size_t MemoryStore::commits() const { return state_->commits; }

}  // namespace halcyon::testing
