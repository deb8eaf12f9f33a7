// Which of the things that were begun in order are finished, without a gap (law 1). Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

namespace halcyon::pipeline {

/// Told when a ticket needs nothing more.
class Settler {
  public:
    virtual ~Settler() = default;
    virtual void settle(std::uint64_t number) = 0;
};

/// One event (or scanned document) under way in `remaining` collections. It settles when the last of them
/// does.
struct Ticket {
    std::shared_ptr<Settler> settler;
    std::uint64_t number = 0;
    std::uint32_t remaining = 0;
};
using TicketPtr = std::shared_ptr<Ticket>;

inline void settle(Ticket& ticket) {
    if (ticket.remaining > 0 && --ticket.remaining == 0) ticket.settler->settle(ticket.number);
}

/// Tickets in order of arrival, each with a mark (a feed's position, a scan's id). `advance` yields the mark
/// of the last ticket before the first that is still open.
template <class Mark>
class AckTracker final : public Settler {
  public:
    std::uint64_t open(Mark mark) {
        entries_.push_back({std::move(mark), false});
        ++unsettled_;
        return first_ + entries_.size() - 1;
    }

    void settle(std::uint64_t number) override {
        if (number < first_ || number - first_ >= entries_.size()) return;
        auto& entry = entries_[number - first_];
        if (!std::exchange(entry.settled, true)) --unsettled_;
    }

    /// Drops what is contiguously settled, handing every mark to `passed` in order.
    template <class Passed>
    void advance(Passed passed) {
        while (!entries_.empty() && entries_.front().settled) {
            passed(std::move(entries_.front().mark));
            entries_.pop_front();
            ++first_;
        }
    }

    std::size_t size() const { return entries_.size(); }
    std::size_t unsettled() const { return unsettled_; }
    const Mark* newest() const { return entries_.empty() ? nullptr : &entries_.back().mark; }
    /// The first that is not settled yet.
    const Mark* oldest_open() const {
        for (const auto& e : entries_)
            if (!e.settled) return &e.mark;
        return nullptr;
    }

  private:
    struct Entry {
        Mark mark;
        bool settled;
    };
    std::deque<Entry> entries_;
    std::uint64_t first_ = 0;
    std::size_t unsettled_ = 0;
};

}  // namespace halcyon::pipeline
