#pragma once

#include <vector>

#include "async/clock.hpp"
#include "base/result.hpp"
#include "core/event.hpp"

namespace halcyon {

/// Where changes come from. Thread rule: the loop; one caller at a time.
class ChangeFeed {
  public:
    virtual ~ChangeFeed() = default;

    /// Opens at `from` (its token if there is one, else its time), closing what was open.
    /// Errors: retry (away), resync (history_lost: the history begins later; not_found: it holds that time
    /// but not the token's event; invalid_position: the token is not understood), reject (too_large: the
    /// event behind the position cannot be had at all, not even its key), fatal (rights, no replica set).
    virtual Task<Result<>> open(Position from, Deadline deadline) = 0;
    /// At least one item, in order, at most `most`; suspends until there is one. Items that arrived before an
    /// error come first. After an error the feed is closed.
    virtual Task<Result<std::vector<FeedItem>>> next(std::size_t most) = 0;
    /// Ends the cursor and its thread; what was not taken is dropped.
    virtual Task<> close() = 0;
};

}  // namespace halcyon
