// The oplog: what happened, in order, bounded in bytes. Change streams read it; so does a find on
// local.oplog.rs.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

// Seconds and increment, as BSON's timestamp holds them.
using ClusterTime = std::uint64_t;
inline std::uint32_t seconds_of(ClusterTime time) { return static_cast<std::uint32_t>(time >> 32); }
inline std::uint32_t increment_of(ClusterTime time) { return static_cast<std::uint32_t>(time); }

struct Namespace {
    std::string db;
    std::string name;  // empty: the database itself
    std::string uuid;  // 16 bytes; empty: none
    std::string full() const { return db + "." + name; }
};

enum class Op : std::uint8_t {
    noop,
    insert,
    update,
    replace,
    remove,
    create,
    index,
    drop,
    rename,
    drop_database
};

// The session of a transaction's events.
struct Session {
    std::string id;  // 16 bytes
    std::int64_t txn_number = 0;
};

struct Entry {
    ClusterTime time = 0;
    Op op = Op::noop;
    std::uint32_t txn_index = 0;                      // position in its transaction
    std::shared_ptr<const Namespace> ns;              // as it was called then
    Doc key;                                          // {_id}: of update, replace, remove
    Doc document;                                     // of insert, replace; of update: the description
    std::string to;                                   // of rename: the new name
    std::shared_ptr<const Session> session;           // of a transaction
    std::chrono::steady_clock::time_point visible{};  // majority readers see it from then on

    std::size_t bytes() const;
    // As local.oplog.rs shows it.
    std::string to_bson() const;
};

class Oplog {
  public:
    Oplog(std::size_t limit_bytes, std::function<void()> appended);

    // The next cluster time: never before the last one, never before now.
    ClusterTime tick();
    ClusterTime last() const { return last_; }
    // Gives the entry its time, unless it has one (of its transaction).
    void append(Entry entry);

    // Entries have sequence numbers that never change; those below first() are gone.
    std::uint64_t first() const { return base_; }
    std::uint64_t end() const { return base_ + entries_.size(); }
    // The entry, or null where it is not (yet) visible to majority readers.
    const Entry* visible(std::uint64_t sequence) const;
    const Entry& at(std::uint64_t sequence) const { return entries_[sequence - base_]; }
    // When the entry at `sequence` will be visible; nothing where there is none.
    std::optional<std::chrono::steady_clock::time_point> visible_at(std::uint64_t sequence) const;
    // The first entry at or after the time.
    std::uint64_t lower_bound(ClusterTime time) const;
    // Whether entries were dropped that a reader from `time` on would have had to see.
    bool lost(ClusterTime time) const { return lost_until_ != 0 && time <= lost_until_; }

    std::size_t bytes() const { return bytes_; }
    std::size_t limit() const { return limit_; }

    // Drops all but the last entry.
    void lose_history();
    // A restored backup: time runs on from an earlier point, and there is no history.
    void restart(ClusterTime time);

  private:
    void trim();
    std::deque<Entry> entries_;
    std::uint64_t base_ = 0;
    std::size_t bytes_ = 0;
    std::size_t limit_;
    ClusterTime last_ = 0;
    ClusterTime lost_until_ = 0;
    std::int64_t offset_seconds_ = 0;
    std::function<void()> appended_;
};

}  // namespace halcyon::devstack::mongo
