#include <algorithm>

#include "state/codec.hpp"
#include "state/database.hpp"
#include "state/documents.hpp"
#include "state/due_front.hpp"
#include "state/errors.hpp"
#include "state/keys.hpp"
#include "state/rocks_store.hpp"

namespace halcyon::state {
namespace {

using async::on_pool;

/// [from, to) of a page: the cursor, if there is one, must lie inside.
struct Bounds {
    std::string from;
    std::string to;
};

Result<Bounds> bounds_of(std::string prefix, const std::optional<std::string>& cursor) {
    Bounds b{prefix, end_of(prefix)};
    if (cursor) {
        auto bytes = from_hex(*cursor);
        if (!bytes || !bytes->starts_with(prefix) || !parse_key(*bytes))
            return fail(Verdict::reject, Cause::invalid,
                        "this page does not exist: the cursor is not one of this list");
        b.from = std::move(*bytes);
    }
    return b;
}

Result<ReceiptKey> key_from(const Database& db, std::string_view bytes) {
    auto key = parse_key(bytes);
    if (!key) return fail(corrupted(db.path(), "a key does not decode"));
    return std::move(*key);
}

template <class T>
Result<T> value_from(const Database& db, std::string_view bytes) {
    auto value = decode<T>(bytes);
    if (value.has_error()) return fail(corrupted(db.path(), value.error().context));
    return value;
}

template <class T>
Result<Page<T>> read_page(const Database& db, Family family, const Bounds& bounds, std::size_t limit) {
    Page<T> page;
    HALCYON_TRY(db.scan(family, bounds.from, bounds.to, [&](auto key, auto value) -> Result<bool> {
        if (page.rows.size() == std::max<std::size_t>(limit, 1)) {
            page.next = to_hex(key);
            return false;
        }
        HALCYON_TRY(auto parsed, key_from(db, key));
        HALCYON_TRY(auto decoded, value_from<T>(db, value));
        page.rows.emplace_back(std::move(parsed), std::move(decoded));
        return true;
    }));
    return page;
}

Result<StoredState> read_all(const Database& db) {
    const auto at = db.snapshot();
    StoredState out;
    out.clean = db.clean();
    out.machine_restarted = db.machine_restarted();
    HALCYON_TRY(const auto frontier, db.get(Family::meta, {meta::frontier}, at.get()));
    if (frontier.front()) {
        HALCYON_TRY(auto decoded, value_from<Frontier>(db, *frontier.front()));
        out.frontier = std::move(decoded);
    }
    const std::string notes(meta::note);
    HALCYON_TRY(db.scan(
        Family::meta, notes, end_of(notes),
        [&](auto key, auto value) -> Result<bool> {
            out.notes.emplace_back(key.substr(notes.size()), value);
            return true;
        },
        at.get()));
    HALCYON_TRY(db.scan(
        Family::snapshots, {}, {},
        [&](auto, auto value) -> Result<bool> {
            HALCYON_TRY(auto progress, value_from<SnapshotProgress>(db, value));
            out.snapshots.push_back(std::move(progress));
            return true;
        },
        at.get()));
    HALCYON_TRY(db.scan(
        Family::namespaces, {}, {},
        [&](auto, auto value) -> Result<bool> {
            HALCYON_TRY(auto tombstone, value_from<NamespaceTombstone>(db, value));
            out.namespaces.push_back(std::move(tombstone));
            return true;
        },
        at.get()));
    return out;
}

Result<std::vector<std::optional<Receipt>>> read_receipts(const Database& db,
                                                          const std::vector<ReceiptKey>& keys) {
    std::vector<std::string> bytes(keys.size());
    std::transform(keys.begin(), keys.end(), bytes.begin(), key_of);
    HALCYON_TRY(const auto values, db.get(Family::receipts, {bytes.begin(), bytes.end()}));
    std::vector<std::optional<Receipt>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!values[i]) continue;
        HALCYON_TRY(auto receipt, value_from<Receipt>(db, *values[i]));
        out[i] = receipt;
    }
    return out;
}

Result<std::vector<std::pair<ReceiptKey, Owed>>> read_due(const Database& db, DueFront& front,
                                                          const CollectionName& collection, bool retries,
                                                          WallTime due, std::size_t limit) {
    if (limit == 0) return std::vector<std::pair<ReceiptKey, Owed>>();
    const auto queue = due_prefix(collection, retries);
    const auto end = end_of(due_prefix(collection, retries, due));
    const auto look = front.look(queue);
    const auto at = db.snapshot();
    std::vector<std::string> keys;
    auto first = std::max(look.from, end);
    HALCYON_TRY(db.scan(
        Family::owed_by_due, look.from, end,
        [&](auto index, auto) -> Result<bool> {
            if (keys.empty()) first = index;
            auto key = key_of_due(index);
            if (!key) return fail(corrupted(db.path(), "a key of owed work does not decode"));
            keys.push_back(std::move(*key));
            return keys.size() < limit;
        },
        at.get()));
    front.found(queue, look, std::move(first));
    HALCYON_TRY(const auto values, db.get(Family::owed, {keys.begin(), keys.end()}, at.get()));
    std::vector<std::pair<ReceiptKey, Owed>> out;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!values[i]) return fail(corrupted(db.path(), "owed work is missing that its index names"));
        HALCYON_TRY(auto key, key_from(db, keys[i]));
        HALCYON_TRY(auto note, value_from<Owed>(db, *values[i]));
        out.emplace_back(std::move(key), std::move(note));
    }
    return out;
}

}  // namespace

RocksReader::RocksReader(std::shared_ptr<Database> database, std::shared_ptr<DueFront> front,
                         async::Pool& readers)
    : database_(std::move(database)), readers_(readers), front_(std::move(front)) {}
RocksReader::~RocksReader() = default;

Task<Result<StoredState>> RocksReader::load() {
    return on_pool(readers_, [db = database_] { return read_all(*db); });
}

Task<Result<std::vector<std::optional<Receipt>>>> RocksReader::receipts(std::vector<ReceiptKey> keys) {
    return on_pool(readers_, [db = database_, k = std::move(keys)] { return read_receipts(*db, k); });
}

Task<Result<Page<Receipt>>> RocksReader::scan_receipts(CollectionName collection, std::optional<Namespace> ns,
                                                       std::optional<std::string> from, std::size_t limit) {
    auto prefix = ns ? prefix_of(collection, *ns) : prefix_of(collection);
    return on_pool(
        readers_,
        [db = database_, p = std::move(prefix), f = std::move(from), limit]() -> Result<Page<Receipt>> {
            HALCYON_TRY(const auto bounds, bounds_of(p, f));
            return read_page<Receipt>(*db, Family::receipts, bounds, limit);
        });
}

Task<Result<std::vector<std::pair<ReceiptKey, Owed>>>> RocksReader::due(CollectionName collection,
                                                                        bool retries, WallTime due,
                                                                        std::size_t limit) {
    return on_pool(readers_, [db = database_, f = front_, c = std::move(collection), retries, due, limit] {
        return read_due(*db, *f, c, retries, due, limit);
    });
}

Task<Result<std::vector<Stored>>> RocksReader::stored(std::vector<ReceiptKey> keys) {
    return on_pool(readers_, [db = database_, k = std::move(keys)] { return read_stored(*db, k); });
}

Task<Result<Page<Stored>>> RocksReader::documents(DocumentFilter filter, std::optional<std::string> from,
                                                  std::size_t limit) {
    return on_pool(readers_, [db = database_, what = std::move(filter), f = std::move(from), limit] {
        return list_documents(*db, what, f, limit);
    });
}

Task<Result<Page<DeadLetter>>> RocksReader::dead_letters(std::optional<CollectionName> collection,
                                                         std::optional<std::string> from, std::size_t limit) {
    auto prefix = collection ? prefix_of(*collection) : std::string();
    return on_pool(
        readers_,
        [db = database_, p = std::move(prefix), f = std::move(from), limit]() -> Result<Page<DeadLetter>> {
            HALCYON_TRY(const auto bounds, bounds_of(p, f));
            return read_page<DeadLetter>(*db, Family::dead, bounds, limit);
        });
}

Task<Result<std::vector<CollectionCounts>>> RocksReader::counts() {
    return on_pool(readers_, [db = database_] { return read_counts(*db); });
}

}  // namespace halcyon::state
