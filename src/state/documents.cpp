#include "state/documents.hpp"

#include <rocksdb/iterator.h>

#include <algorithm>
#include <array>
#include <set>

#include "state/codec.hpp"
#include "state/database.hpp"
#include "state/errors.hpp"
#include "state/keys.hpp"
#include "state/wire.hpp"

namespace halcyon::state {
namespace {

std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

template <class T>
Result<std::optional<T>> value_of(const Database& db, std::string_view bytes) {
    auto value = decode<T>(bytes);
    if (value.has_error()) return fail(corrupted(db.path(), value.error().context));
    return std::optional<T>(std::move(value.value()));
}

/// One of the tables, within a prefix.
class Column {
  public:
    Column(const Database& db, Family family, const std::string& prefix, const std::string& from,
           const rocksdb::Snapshot* at)
        : it_(db.iterate(family, std::max(prefix, from), at)), prefix_(prefix) {}
    std::optional<std::string_view> key() const {
        if (!it_->Valid() || !view(it_->key()).starts_with(prefix_)) return std::nullopt;
        return view(it_->key());
    }
    template <class T>
    Result<> take(const Database& db, std::string_view key, std::optional<T>& out) {
        if (this->key() != key) return success();
        HALCYON_TRY(out, value_of<T>(db, view(it_->value())));
        it_->Next();
        return success();
    }
    rocksdb::Status status() const { return it_->status(); }

  private:
    std::unique_ptr<rocksdb::Iterator> it_;
    const std::string& prefix_;
};

constexpr std::size_t read_batch = 1024;

/// Whether all that have this status have a note or a letter.
bool owed_or_dead(const DocumentFilter& f) {
    return f.status == SyncStatus::failed || f.status == SyncStatus::pending;
}

}  // namespace

Result<> scan_stored(const Database& db, const std::string& prefix, const rocksdb::Snapshot* at,
                     const StoredFn& row, const std::string& from) {
    Column receipts(db, Family::receipts, prefix, from, at);
    Column owed(db, Family::owed, prefix, from, at);
    Column dead(db, Family::dead, prefix, from, at);
    for (;;) {
        std::optional<std::string_view> least;
        for (const auto& key : {receipts.key(), owed.key(), dead.key()})
            if (key && (!least || *key < *least)) least = key;
        if (!least) break;
        const std::string key(*least);
        Stored stored;
        HALCYON_TRY(receipts.take(db, key, stored.receipt));
        HALCYON_TRY(owed.take(db, key, stored.owed));
        HALCYON_TRY(dead.take(db, key, stored.letter));
        HALCYON_TRY(const bool more, row(key, std::move(stored)));
        if (!more) return success();
    }
    for (const auto& s : {receipts.status(), owed.status(), dead.status()})
        if (!s.ok()) return fail(to_error(s, "reading the state", db.path()));
    return success();
}

Result<CountsByCollection> count_all(const Database& db) {
    CountsByCollection out;
    HALCYON_TRY(scan_stored(db, {}, nullptr, [&](auto bytes, const Stored& s) -> Result<bool> {
        const auto key = parse_key(bytes);
        if (!key) return fail(corrupted(db.path(), "a key does not decode"));
        auto& c = out[key->collection];
        c.collection = key->collection;
        if (s.receipt) ++(s.receipt->deleted ? c.tombstones : c.receipts);
        if (s.owed) ++c.owed;
        if (s.letter) ++c.dead;
        if (const auto status = s.status()) ++c.of(*status);
        return true;
    }));
    return out;
}

Result<std::vector<Stored>> get_stored(const Database& db, const std::vector<std::string_view>& keys,
                                       const rocksdb::Snapshot* at) {
    std::vector<Stored> out(keys.size());
    HALCYON_TRY(const auto receipts, db.get(Family::receipts, keys, at));
    HALCYON_TRY(const auto owed, db.get(Family::owed, keys, at));
    HALCYON_TRY(const auto dead, db.get(Family::dead, keys, at));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (receipts[i]) {
            HALCYON_TRY(out[i].receipt, value_of<Receipt>(db, *receipts[i]));
        }
        if (owed[i]) {
            HALCYON_TRY(out[i].owed, value_of<Owed>(db, *owed[i]));
        }
        if (dead[i]) {
            HALCYON_TRY(out[i].letter, value_of<DeadLetter>(db, *dead[i]));
        }
    }
    return out;
}

Result<std::vector<Stored>> read_stored(const Database& db, const std::vector<ReceiptKey>& keys) {
    std::vector<std::string> bytes(keys.size());
    std::transform(keys.begin(), keys.end(), bytes.begin(), key_of);
    const auto at = db.snapshot();
    return get_stored(db, {bytes.begin(), bytes.end()}, at.get());
}

Result<std::vector<CollectionCounts>> read_counts(const Database& db, const rocksdb::Snapshot* at) {
    std::vector<CollectionCounts> out;
    const std::string prefix(meta::count);
    const auto take = [&](std::string_view key, std::string_view value) -> Result<bool> {
        HALCYON_TRY(auto counts, value_of<CollectionCounts>(db, value));
        counts->collection = CollectionName(std::string(key.substr(prefix.size())));
        if (!counts->empty()) out.push_back(std::move(*counts));
        return true;
    };
    HALCYON_TRY(db.scan(Family::meta, prefix, end_of(prefix), take, at));
    return out;
}

std::string cursor_of(const Place& place) {
    Encoder e;
    e.number(place.changed.ms).bytes(place.key);
    return to_hex(e.finish());
}

Result<std::optional<Place>> place_of(const std::optional<std::string>& cursor) {
    if (!cursor) return std::optional<Place>();
    if (const auto bytes = from_hex(*cursor)) {
        Decoder d(*bytes);
        Place place;
        place.changed.ms = d.number<std::int64_t>();
        place.key = d.bytes();
        if (d.finished() && parse_key(place.key)) return std::optional(std::move(place));
    }
    return fail(Verdict::reject, Cause::invalid,
                "this page does not exist: the cursor is not one of this list");
}

std::uint64_t records_to_read(const std::vector<CollectionCounts>& counts, const DocumentFilter& filter) {
    std::uint64_t out = 0;
    for (const auto& c : counts) {
        if (filter.collection && *filter.collection != c.collection) continue;
        out += c.owed + c.dead + (owed_or_dead(filter) ? 0 : c.receipts + c.tombstones);
    }
    return out;
}

Result<Page<Stored>> list_documents(const Database& db, const DocumentFilter& filter,
                                    const std::optional<std::string>& from, std::size_t limit) {
    HALCYON_TRY(const auto start, place_of(from));
    limit = std::max<std::size_t>(limit, 1);
    const auto prefix = !filter.collection ? std::string()
                        : filter.ns        ? prefix_of(*filter.collection, *filter.ns)
                                           : prefix_of(*filter.collection);
    const auto at = db.snapshot();
    std::map<Place, std::pair<ReceiptKey, Stored>> best;  // at most limit + 1
    const auto consider = [&](std::string_view bytes, Stored stored) -> Result<bool> {
        const auto status = stored.status();
        if (!status || (filter.status && *status != *filter.status)) return true;
        Place place{stored.changed(), std::string(bytes)};
        if (start && place < *start) return true;
        if (best.size() > limit && !(place < std::prev(best.end())->first)) return true;
        auto key = parse_key(bytes);
        if (!key) return fail(corrupted(db.path(), "a key does not decode"));
        if (filter.ns && key->document.ns != *filter.ns) return true;
        best.emplace(std::move(place), std::pair(std::move(*key), std::move(stored)));
        if (best.size() > limit + 1) best.erase(std::prev(best.end()));
        return true;
    };
    if (owed_or_dead(filter)) {
        std::set<std::string, std::less<>> keys;
        const auto remember = [&](std::string_view key, std::string_view) -> Result<bool> {
            keys.emplace(key);
            return true;
        };
        for (const auto family : {Family::owed, Family::dead}) {
            HALCYON_TRY(db.scan(family, prefix, end_of(prefix), remember, at.get()));
        }
        for (auto next = keys.begin(); next != keys.end();) {
            std::vector<std::string_view> some;
            for (; next != keys.end() && some.size() < read_batch; ++next) some.emplace_back(*next);
            HALCYON_TRY(auto stored, get_stored(db, some, at.get()));
            for (std::size_t i = 0; i < some.size(); ++i) {
                HALCYON_TRY(consider(some[i], std::move(stored[i])));
            }
        }
    } else {
        HALCYON_TRY(scan_stored(db, prefix, at.get(), consider));
    }
    Page<Stored> page;
    for (auto& [place, row] : best) {
        if (page.rows.size() == limit) {
            page.next = cursor_of(place);
            break;
        }
        page.rows.push_back(std::move(row));
    }
    return page;
}

}  // namespace halcyon::state
