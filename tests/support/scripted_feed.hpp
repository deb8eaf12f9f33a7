// A change feed whose items are written down: for tests of what stands behind the port.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/waiter.hpp"
#include "core/ports/change_feed.hpp"

namespace halcyon::test {

/// Plays `script` from behind the position it is opened at. Items can be added at any time. Thread rule: the
/// loop.
class ScriptedFeed final : public ChangeFeed {
  public:
    explicit ScriptedFeed(async::Executor executor) : more_(std::move(executor)) {}

    /// An item at (time, 0); its token is the time as text.
    void add(std::uint32_t time, decltype(FeedItem::what) what) {
        script_.push_back({std::move(what), at(time)});
        more_.notify();
    }
    /// The next `open` (or, while it is open, the next `next` that finds nothing) fails so.
    void fail_once(Error error) {
        failure_ = std::move(error);
        more_.notify();
    }
    static Position at(std::uint32_t time) { return {std::to_string(time), {time, 0}, true, false}; }
    bool is_open() const { return open_; }

    Task<Result<>> open(Position from, Deadline) override {
        open_ = false;
        if (auto failed = std::exchange(failure_, {})) co_return fail(std::move(*failed));
        next_ = 0;
        // A token is where an event ended; a time alone is where to begin.
        while (next_ < script_.size() && (from.token.empty() ? script_[next_].second.time < from.time
                                                             : script_[next_].second.time <= from.time))
            ++next_;
        open_ = true;
        co_return success();
    }

    Task<Result<std::vector<FeedItem>>> next(std::size_t most) override {
        if (!open_) co_return fail(Verdict::retry, Cause::unavailable, "the change feed is closed");
        std::vector<FeedItem> items;
        for (;;) {
            for (; next_ < script_.size() && items.size() < most; ++next_)
                items.push_back({script_[next_].first, script_[next_].second, {}});
            if (!items.empty()) co_return std::move(items);
            if (auto failed = std::exchange(failure_, {})) {
                open_ = false;
                co_return fail(std::move(*failed));
            }
            co_await more_.wait();
        }
    }

    Task<> close() override {
        open_ = false;
        co_return;
    }

  private:
    std::vector<std::pair<decltype(FeedItem::what), Position>> script_;
    std::size_t next_ = 0;
    bool open_ = false;
    std::optional<Error> failure_;
    async::Event more_;
};

}  // namespace halcyon::test
