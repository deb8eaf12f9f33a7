#include "state/writer.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>

#include "state/codec.hpp"
#include "state/database.hpp"
#include "state/keys.hpp"

namespace halcyon::state {
namespace {

/// Bounds a group, so that one write takes milliseconds.
constexpr std::size_t group_rows = 5000;

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }

std::size_t rows_of(const Commit& c) {
    return c.receipts.size() + c.forget.size() + c.owed.size() + c.owed_done.size() + c.dead.size() +
           c.dead_done.size() + c.namespaces.size() + c.snapshots.size() + c.notes.size();
}

class BatchOut final : public Changes::Out {
  public:
    BatchOut(rocksdb::WriteBatch& batch, const Database& database) : batch_(batch), database_(database) {}
    void put(Family family, std::string_view key, std::string_view value) override {
        batch_.Put(database_.family(family), slice(key), slice(value));
        if (family != Family::owed_by_due) return;
        const auto [first, added] = first_due.try_emplace(std::string(queue_of_due(key)), key);
        if (!added && key < first->second) first->second = key;
    }
    void erase(Family family, std::string_view key) override {
        batch_.Delete(database_.family(family), slice(key));
    }

    /// Of each queue that grows.
    std::map<std::string, std::string> first_due;

  private:
    rocksdb::WriteBatch& batch_;
    const Database& database_;
};

template <class T>
Result<> read_before(const Database& database, Family family, Rows<T>& rows) {
    std::vector<std::string_view> keys;
    std::vector<Row<T>*> unknown;
    for (auto& [key, row] : rows) {
        if (!row.unknown) continue;
        keys.push_back(key);
        unknown.push_back(&row);
    }
    if (keys.empty()) return success();
    HALCYON_TRY(const auto values, database.get(family, keys));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!values[i]) continue;
        HALCYON_TRY(Changes::found(*unknown[i], *values[i]));
    }
    return success();
}

}  // namespace

Result<std::shared_ptr<Writer>> Writer::open(const std::shared_ptr<Database>& database, async::Pool& pool,
                                             const ListHooks& lists) {
    HALCYON_TRY(ChangeList::clear(*database));
    CountsByCollection counts;
    HALCYON_TRY(database->scan(Family::meta, meta::count, {}, [&](auto key, auto value) -> Result<bool> {
        if (!key.starts_with(meta::count)) return false;
        HALCYON_TRY(auto stored, decode<CollectionCounts>(value));
        stored.collection = CollectionName(std::string(key.substr(meta::count.size())));
        counts.emplace(stored.collection, stored);
        return true;
    }));
    return std::make_shared<Writer>(database, pool, std::move(counts), lists);
}

Writer::Writer(const std::shared_ptr<Database>& database, async::Pool& pool, CountsByCollection counts,
               const ListHooks& lists)
    : database_(database), pool_(pool), counts_(std::move(counts)), list_(lists) {}

Result<std::vector<CollectionCounts>> Writer::counts() const {
    const std::lock_guard lock(mutex_);
    if (failed_) return fail(*failed_);
    std::vector<CollectionCounts> out;
    for (const auto& [name, counts] : counts_)
        if (!counts.empty()) out.push_back(counts);
    return out;
}

void Writer::submit(std::shared_ptr<Request> request) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(request));
    if (draining_) return;
    draining_ = true;
    pool_.submit([self = shared_from_this()] { self->drain(); });
}

Writer::Group Writer::next_group() {
    const std::lock_guard lock(mutex_);
    Group group;
    for (std::size_t rows = 0; !queue_.empty(); queue_.pop_front()) {
        rows += rows_of(queue_.front()->commit);
        if (!group.empty() && (rows > group_rows || group.back()->last)) break;
        group.push_back(std::move(queue_.front()));
    }
    draining_ = !group.empty();
    return group;
}

void Writer::drain() {
    for (auto group = next_group(); !group.empty(); group = next_group()) {
        const auto outcome = broken_ ? Result<>(fail(*broken_)) : write(group);
        // A failed write may have left half of itself in the log: nothing is written behind it.
        if (outcome.has_error() && !broken_) {
            broken_ = outcome.error();
            const std::lock_guard lock(mutex_);
            failed_ = broken_;
        }
        const bool nothing_to_lose = closed_;
        if (group.back()->last && !broken_) {
            closed_ = true;
            broken_ = Error{Verdict::fatal, Cause::unavailable, "the state was closed", {}};
        }
        for (auto& request : group) {
            // The periodic sync may tick on until its group is cancelled.
            request->outcome = nothing_to_lose && request->commit.empty() ? Result<>(success()) : outcome;
            if (request->list && outcome.has_value()) request->outcome = go_on_with_list();
            const auto done = std::move(request->done);
            request.reset();
            done();
        }
    }
}

Result<> Writer::go_on_with_list() {
    const auto database = database_.lock();
    if (!database) return fail(Verdict::fatal, Cause::unavailable, "the state was closed");
    return list_.go_on(*database);
}

Result<> Writer::write(const Group& group) {
    const auto database = database_.lock();
    if (!database) return fail(Verdict::fatal, Cause::unavailable, "the state was closed");
    HALCYON_TRY(list_.end_unused(*database));
    Changes changes(counts_);
    for (const auto& request : group) changes.touch(request->commit);
    HALCYON_TRY(read_before(*database, Family::receipts, changes.receipts));
    HALCYON_TRY(read_before(*database, Family::owed, changes.owed));
    HALCYON_TRY(read_before(*database, Family::dead, changes.dead));
    for (const auto& request : group) changes.write(request->commit);

    rocksdb::WriteBatch batch;
    BatchOut out(batch, *database);
    auto counts = changes.emit(out, list_.kept());
    const bool last = group.back()->last;
    if (last) batch.Put(database->family(Family::meta), slice(meta::clean), rocksdb::Slice());
    const bool wanted = last || std::any_of(group.begin(), group.end(), [](const auto& request) {
                            return request->durability == Durability::synced;
                        });
    const bool empty = batch.Count() == 0;
    const bool sync = wanted && (unsynced_ || !empty);
    if (empty && !sync) return success();
    HALCYON_TRY(database->write(batch, sync));
    for (const auto& [queue, first] : out.first_due) front_->added(queue, first);
    unsynced_ = !sync;
    const std::lock_guard lock(mutex_);
    for (auto& [name, changed] : counts) counts_[name] = std::move(changed);
    return success();
}

}  // namespace halcyon::state
