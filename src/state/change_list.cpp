#include "state/change_list.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <vector>

#include "state/database.hpp"
#include "state/documents.hpp"
#include "state/errors.hpp"
#include "state/keys.hpp"

namespace halcyon::state {
namespace {

/// There while the index is complete.
constexpr std::string_view listed = "listed";

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

/// The documents of one collection that have one status.
class List {
  public:
    List(const Database& db, const CollectionName& collection, SyncStatus status,
         const DocumentFilter& filter, const rocksdb::Snapshot* at)
        : db_(db),
          name_(collection),
          status_(status),
          collection_(prefix_of(collection)),
          prefix_(change_prefix(collection, status)),
          wanted_(filter.ns ? prefix_of(collection, *filter.ns) : collection_),
          it_(db.iterate(Family::by_change, prefix_, at)) {}

    /// To the first that does not stand before `start`.
    Result<> begin(const std::optional<Place>& start) {
        if (start) {
            auto from = change_prefix(name_, status_, start->changed);
            if (start->key.starts_with(collection_))
                from += start->key.substr(collection_.size());
            else if (collection_ < start->key)
                from = end_of(std::move(from));
            it_->Seek(from);
        }
        return read();
    }
    const std::optional<Place>& front() const { return front_; }
    Result<> next() {
        it_->Next();
        return read();
    }

  private:
    Result<> read() {
        for (front_.reset(); it_->Valid() && view(it_->key()).starts_with(prefix_); it_->Next()) {
            auto place = place_of_change(view(it_->key()));
            if (!place) return fail(corrupted(db_.path(), "a key of the list of documents does not decode"));
            if (!place->key.starts_with(wanted_)) continue;
            front_ = std::move(place);
            break;
        }
        if (!it_->status().ok()) return fail(to_error(it_->status(), "reading the state", db_.path()));
        return success();
    }

    const Database& db_;
    CollectionName name_;
    SyncStatus status_;
    std::string collection_;  // what its keys begin with, as in Place
    std::string prefix_;
    std::string wanted_;
    std::unique_ptr<rocksdb::Iterator> it_;
    std::optional<Place> front_;
};

/// Those that `filter` allows and that are not empty.
Result<std::vector<List>> lists_of(const Database& db, const DocumentFilter& filter,
                                   const std::optional<Place>& start, const rocksdb::Snapshot* at) {
    std::vector<List> out;
    HALCYON_TRY(const auto counts, read_counts(db, at));
    for (const auto& c : counts) {
        if (filter.collection && *filter.collection != c.collection) continue;
        for (const auto status : all_statuses) {
            if (c.of(status) == 0 || (filter.status && *filter.status != status)) continue;
            out.emplace_back(db, c.collection, status, filter, at);
            HALCYON_TRY(out.back().begin(start));
        }
    }
    return out;
}

Result<std::vector<Place>> first_places(std::vector<List>& lists, std::size_t most) {
    std::vector<Place> out;
    while (out.size() < most) {
        List* first = nullptr;
        for (auto& list : lists)
            if (list.front() && (!first || *list.front() < *first->front())) first = &list;
        if (!first) break;
        out.push_back(*first->front());
        HALCYON_TRY(first->next());
    }
    return out;
}

}  // namespace

void ChangeList::touch() { touched_ = std::chrono::steady_clock::now(); }

Result<> ChangeList::go_on(Database& db) {
    if (complete_) return success();
    kept_ = true;
    rocksdb::WriteBatch batch;
    std::size_t read = 0;
    std::string next;
    const auto take = [&](std::string_view bytes, const Stored& stored) -> Result<bool> {
        if (read++ == options_.at_once) {
            next = bytes;
            return false;
        }
        const auto key = parse_key(bytes);
        if (!key) return fail(corrupted(db.path(), "a key does not decode"));
        if (const auto status = stored.status())
            batch.Put(db.family(Family::by_change), change_key(*key, *status, stored.changed()), {});
        return true;
    };
    HALCYON_TRY(scan_stored(db, {}, nullptr, take, next_));
    if (next.empty()) batch.Put(db.family(Family::meta), slice(listed), {});
    HALCYON_TRY(db.write(batch, false));
    complete_ = next.empty();
    next_ = std::move(next);
    return success();
}

Result<> ChangeList::end_unused(Database& db) {
    if (!kept_ || std::chrono::steady_clock::now() - touched_.load() < options_.unused) return success();
    kept_ = complete_ = false;
    next_.clear();
    return clear(db);
}

Result<> ChangeList::clear(Database& db) {
    HALCYON_TRY(const auto complete, db.get(Family::meta, {listed}));
    bool any = complete.front().has_value();  // of no documents, maybe
    HALCYON_TRY(db.scan(Family::by_change, {}, {}, [&](auto, auto) -> Result<bool> {
        any = true;
        return false;
    }));
    if (!any) return success();
    rocksdb::WriteBatch batch;
    batch.Delete(db.family(Family::meta), slice(listed));
    // Names of collections are UTF-8: none begins with 0xff.
    batch.DeleteRange(db.family(Family::by_change), slice(""), slice("\xff"));
    return db.write(batch, false);
}

Result<std::optional<Page<Stored>>> list_changes(const Database& db, const DocumentFilter& filter,
                                                 const std::optional<std::string>& from, std::size_t limit) {
    HALCYON_TRY(const auto start, place_of(from));
    const auto at = db.snapshot();
    HALCYON_TRY(const auto complete, db.get(Family::meta, {listed}, at.get()));
    if (!complete.front()) return std::optional<Page<Stored>>();
    HALCYON_TRY(auto lists, lists_of(db, filter, start, at.get()));
    HALCYON_TRY(auto places, first_places(lists, limit + 1));
    Page<Stored> page;
    if (places.size() > limit) {
        page.next = cursor_of(places.back());
        places.pop_back();
    }
    std::vector<std::string_view> keys;
    for (const auto& place : places) keys.emplace_back(place.key);
    HALCYON_TRY(auto stored, get_stored(db, keys, at.get()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto key = parse_key(keys[i]);
        if (!key || stored[i].changed() != places[i].changed)
            return fail(corrupted(db.path(), "the list of documents names what is not there"));
        page.rows.emplace_back(std::move(*key), std::move(stored[i]));
    }
    return page;
}

}  // namespace halcyon::state
