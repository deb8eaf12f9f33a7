// Where the queues of owed work begin. What was worked off leaves marks of its removal until RocksDB compacts
// them: a look from the beginning of a queue would step over all of them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace halcyon::state {

/// A queue is named by its `due_prefix`. Thread rule: any.
class DueFront {
  public:
    struct Look {
        std::string from;          // nothing stands before it
        std::uint64_t marker = 0;  // for `found`
    };
    /// Before the data base is asked.
    Look look(const std::string& queue) const;
    /// Nothing stood before `first` when it was asked. Forgotten if notes were added since `look`: they may.
    void found(const std::string& queue, const Look& look, std::string first);
    /// The first key of those that were added to the queue. After they are written: before, a look that does
    /// not see them yet could pass them.
    void added(const std::string& queue, std::string_view first);

  private:
    struct Front {
        std::string from;
        std::uint64_t marker = 0;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Front> fronts_;
};

}  // namespace halcyon::state
