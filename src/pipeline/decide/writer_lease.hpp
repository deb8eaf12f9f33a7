// Whether this process may write into a collection, by the marks that it finds there. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "core/ports/writer_marks.hpp"

namespace halcyon::pipeline {

/// No clock of another machine counts: a mark is alive while it is seen to change, and dead when it did not
/// change for a lease by our own clock.
class WriterLease {
  public:
    /// `writer` is the state's id, `run` this process's.
    WriterLease(std::string writer, std::string run, Duration lease)
        : writer_(std::move(writer)), run_(std::move(run)), lease_(lease) {}

    enum class Finding {
        hold,       // the mark is ours: count it up
        take,       // nobody's, or left by an earlier process with this state: the receipts are whole
        take_over,  // another state's, and it ended: what it wrote, our receipts do not know
        wait,       // another one writes
    };
    /// After `wait` this process does not hold it, whatever was before.
    Finding judge(const std::optional<WriterMark>& found, Instant now);
    /// Our mark was read back.
    void taken() { holding_ = held_once_ = true; }
    bool holding() const { return holding_; }
    void lose() { holding_ = false; }
    /// The next mark to leave.
    WriterMark next(std::string since, bool released = false);

    Duration lease() const { return lease_; }
    /// How often a mark is looked at and counted up: two may be missed.
    Duration period() const { return lease_ / 3; }

  private:
    std::string writer_;
    std::string run_;
    Duration lease_;
    std::uint64_t beat_ = 0;
    bool holding_ = false;
    bool held_once_ = false;
    std::optional<WriterMark> seen_;  // another one's, unchanged since
    Instant seen_at_{};
};

}  // namespace halcyon::pipeline
