// The one writer: merges what waits, writes it, says when.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/pool.hpp"
#include "base/result.hpp"
#include "core/commit.hpp"
#include "state/change_list.hpp"
#include "state/changes.hpp"
#include "state/due_front.hpp"

namespace halcyon::state {

class Database;

/// Thread rule: any; the work runs on the pool, one piece at a time.
class Writer : public std::enable_shared_from_this<Writer> {
  public:
    struct Request {
        Commit commit;
        Durability durability = Durability::buffered;
        bool last = false;  // the orderly end
        bool list = false;  // the list of documents by their last change is to go on
        Result<> outcome = success();
        std::function<void()> done;
    };

    /// Reads the counts. Blocks. Errors: as Database.
    static Result<std::shared_ptr<Writer>> open(const std::shared_ptr<Database>& database, async::Pool& pool,
                                                const ListHooks& lists);
    Writer(const std::shared_ptr<Database>& database, async::Pool& pool, CountsByCollection counts,
           const ListHooks& lists);

    /// Somebody lists documents. Thread rule: any.
    void touch_list() { list_.touch(); }
    /// As of the last write that has returned, of collections that have any. Errors: that of the first write
    /// that failed. Thread rule: any.
    Result<std::vector<CollectionCounts>> counts() const;
    /// For who looks for what is due; it is told what is added.
    const std::shared_ptr<DueFront>& front() const { return front_; }

    /// Sets `outcome`, then calls `done`, on the pool.
    void submit(std::shared_ptr<Request> request);

  private:
    using Group = std::vector<std::shared_ptr<Request>>;
    void drain();
    Group next_group();
    Result<> write(const Group& group);
    Result<> go_on_with_list();

    // Owned by the store alone, so that the folder is free when the store is gone.
    const std::weak_ptr<Database> database_;
    const std::shared_ptr<DueFront> front_ = std::make_shared<DueFront>();
    async::Pool& pool_;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<Request>> queue_;
    bool draining_ = false;
    // Of the one piece of work that runs.
    CountsByCollection counts_;  // written under the mutex
    ChangeList list_;
    bool unsynced_ = false;
    bool closed_ = false;
    std::optional<Error> broken_;
    std::optional<Error> failed_;  // under the mutex: broken, but not by the orderly end
};

}  // namespace halcyon::state
