#include "state/changes.hpp"

#include <algorithm>
#include <utility>

#include "state/codec.hpp"
#include "state/keys.hpp"

namespace halcyon::state {
namespace {

template <class T>
void set(Rows<T>& rows, const ReceiptKey& key, const std::string& bytes, const T& value) {
    auto& row = rows.try_emplace(bytes, Row<T>{&key, {}, {}, false, false}).first->second;
    row.now = value;
    row.changed = true;
}

template <class T>
void clear(Rows<T>& rows, const std::string& bytes) {
    const auto at = rows.find(bytes);
    if (at == rows.end() || !at->second.now) return;
    at->second.now.reset();
    at->second.changed = true;
}

template <class T>
void clear_not_newer(Rows<T>& rows, const std::string& bytes, const Version& than) {
    if (rows.empty()) return;
    const auto at = rows.find(bytes);
    if (at != rows.end() && at->second.now && at->second.now->version <= than) clear(rows, bytes);
}

template <class T>
const T* now_of(const Rows<T>& rows, const std::string& bytes) {
    const auto at = rows.find(bytes);
    return at != rows.end() && at->second.now ? &*at->second.now : nullptr;
}
template <class T>
const T* before_of(const Rows<T>& rows, const std::string& bytes) {
    const auto at = rows.find(bytes);
    return at != rows.end() && at->second.before ? &*at->second.before : nullptr;
}

/// What is inserted in order is inserted faster.
template <class T>
std::vector<const typename Rows<T>::value_type*> sorted(const Rows<T>& rows) {
    std::vector<const typename Rows<T>::value_type*> out;
    out.reserve(rows.size());
    for (const auto& row : rows) out.push_back(&row);
    std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    return out;
}

template <class T>
const T* pointer(const std::optional<T>& o) {
    return o ? &*o : nullptr;
}

std::uint64_t& bucket(CollectionCounts& c, const Receipt& r) { return r.deleted ? c.tombstones : c.receipts; }
std::uint64_t& bucket(CollectionCounts& c, const Owed&) { return c.owed; }
std::uint64_t& bucket(CollectionCounts& c, const DeadLetter&) { return c.dead; }

}  // namespace

const CollectionCounts& Changes::counts_of(const CollectionName& collection) const {
    static const CollectionCounts none;
    const auto at = counts_.find(collection);
    return at == counts_.end() ? none : at->second;
}

template <class T>
void Changes::touch_row(Rows<T>& rows, const ReceiptKey& key, const std::string& bytes,
                        std::uint64_t stored) {
    if (stored > 0) rows.try_emplace(bytes, Row<T>{&key, {}, {}, false, true});
}

/// A status is made of all three records, so a key that changes in one of them is read in all.
void Changes::touch(const Commit& c) {
    const auto touch_key = [&](const ReceiptKey& key, const Earlier* earlier = nullptr) {
        const auto& counts = counts_of(key.collection);
        const auto bytes = key_of(key);
        const auto stored = counts.receipts + counts.tombstones;
        if (earlier && earlier->known)
            receipts.try_emplace(bytes, Row<Receipt>{&key, earlier->receipt, earlier->receipt, false, false});
        else
            receipts.try_emplace(bytes, Row<Receipt>{&key, {}, {}, false, stored > 0});
        touch_row(owed, key, bytes, counts.owed);
        touch_row(dead, key, bytes, counts.dead);
    };
    receipts.reserve(receipts.size() + c.receipts.size());
    for (const auto& key : c.forget) touch_key(key);
    for (const auto& [key, version] : c.expired) touch_key(key);
    for (const auto& key : c.owed_done) touch_key(key);
    for (const auto& key : c.dead_done) touch_key(key);
    for (const auto& [key, note] : c.owed) touch_key(key);
    for (const auto& [key, letter] : c.dead) touch_key(key);
    for (const auto& [key, receipt, earlier] : c.receipts) {
        // An erasure, or an earlier statement, has the row already.
        touch_key(key, &earlier);
    }
}

template <class T>
Result<> Changes::found(Row<T>& row, std::string_view bytes) {
    HALCYON_TRY(auto value, decode<T>(bytes));
    row.before = value;
    row.now = std::move(value);
    return success();
}
template Result<> Changes::found(Row<Receipt>&, std::string_view);
template Result<> Changes::found(Row<Owed>&, std::string_view);
template Result<> Changes::found(Row<DeadLetter>&, std::string_view);

void Changes::expire(const ReceiptKey& key, const Version& version) {
    const auto bytes = key_of(key);
    const auto* receipt = now_of(receipts, bytes);
    if (receipt && receipt->deleted && receipt->version == version && !now_of(owed, bytes) &&
        !now_of(dead, bytes))
        clear(receipts, bytes);
}

void Changes::write(const Commit& c) {
    // Erasures first, then what is put, then what that clears: of two statements about one key in one commit
    // the one that keeps a debt wins.
    for (const auto& key : c.forget) clear(receipts, key_of(key));
    for (const auto& [key, version] : c.expired) expire(key, version);
    for (const auto& key : c.owed_done) clear(owed, key_of(key));
    for (const auto& key : c.dead_done) clear(dead, key_of(key));
    for (const auto& ns : c.namespaces_done) namespaces_[namespace_key(ns)].reset();
    for (const auto& [ns, collection] : c.snapshots_done) snapshots_[snapshot_key(ns, collection)].reset();
    for (const auto& [key, note] : c.owed) {
        const auto bytes = key_of(key);
        const auto at = owed.find(bytes);
        if (at == owed.end() || !at->second.now || at->second.now->version <= note.version)
            set(owed, key, bytes, note);
    }
    for (const auto& [key, letter] : c.dead) {
        const auto bytes = key_of(key);
        const auto at = dead.find(bytes);
        if (at == dead.end() || !at->second.now || at->second.now->version <= letter.version)
            set(dead, key, bytes, letter);
        clear_not_newer(owed, bytes, letter.version);
    }
    for (const auto& [key, receipt, earlier] : c.receipts) {
        const auto bytes = key_of(key);
        set(receipts, key, bytes, receipt);
        clear_not_newer(owed, bytes, receipt.version);
        clear_not_newer(dead, bytes, receipt.version);
    }
    for (const auto& tombstone : c.namespaces) namespaces_[namespace_key(tombstone.ns)] = encode(tombstone);
    for (const auto& p : c.snapshots) snapshots_[snapshot_key(p.ns, p.collection)] = encode(p);
    for (const auto& [name, value] : c.notes) meta_[std::string(meta::note) + name] = value;
    if (c.frontier) meta_[std::string(meta::frontier)] = encode(*c.frontier);
}

CountsByCollection Changes::emit(Out& out, bool listed) const {
    CountsByCollection changed;
    const auto count = [&](const CollectionName& name) -> CollectionCounts& {
        const auto [at, added] = changed.try_emplace(name, counts_of(name));
        at->second.collection = name;
        return at->second;
    };
    const auto emit_rows = [&](Family family, const auto& rows, const auto& more) {
        for (const auto* at : rows) {
            const auto& [bytes, row] = *at;
            if (!row.changed || (!row.before && !row.now)) continue;
            auto& counts = count(row.key->collection);
            if (row.before) --bucket(counts, *row.before);
            if (row.now) ++bucket(counts, *row.now);
            if (row.now)
                out.put(family, bytes, encode(*row.now));
            else
                out.erase(family, bytes);
            more(row);
        }
    };
    // Every key that is touched has a row of these.
    const auto touched = sorted(receipts);
    for (const auto* at : touched) {
        const auto& [bytes, row] = *at;
        const auto* old_note = before_of(owed, bytes);
        const auto* note = now_of(owed, bytes);
        const auto* old_letter = before_of(dead, bytes);
        const auto* letter = now_of(dead, bytes);
        const auto before = status_of(pointer(row.before), old_note, old_letter);
        const auto now = status_of(pointer(row.now), note, letter);
        if (listed) {
            const auto old_time = changed_of(pointer(row.before), old_note, old_letter);
            const auto time = changed_of(pointer(row.now), note, letter);
            if (before != now || old_time != time) {
                if (before) out.erase(Family::by_change, change_key(*row.key, *before, old_time));
                if (now) out.put(Family::by_change, change_key(*row.key, *now, time), {});
            }
        }
        if (before == now) continue;
        auto& counts = count(row.key->collection);
        if (before) --counts.of(*before);
        if (now) ++counts.of(*now);
    }
    emit_rows(Family::receipts, touched, [](const auto&) {});
    emit_rows(Family::dead, sorted(dead), [](const auto&) {});
    emit_rows(Family::owed, sorted(owed), [&](const Row<Owed>& row) {
        if (row.before) out.erase(Family::owed_by_due, due_key(*row.key, *row.before));
        if (row.now) out.put(Family::owed_by_due, due_key(*row.key, *row.now), {});
    });
    const auto emit_values = [&](Family family, const auto& values) {
        for (const auto& [key, value] : values)
            if (value)
                out.put(family, key, *value);
            else
                out.erase(family, key);
    };
    emit_values(Family::namespaces, namespaces_);
    emit_values(Family::snapshots, snapshots_);
    for (const auto& [name, value] : meta_) out.put(Family::meta, name, value);
    for (const auto& [name, counts] : changed)
        out.put(Family::meta, std::string(meta::count) + name.value(), encode(counts));
    return changed;
}

}  // namespace halcyon::state
