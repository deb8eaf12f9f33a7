// Counts of durations in fixed buckets: cheap to record, cheap to copy.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"

namespace halcyon {

/// Bounds from 0.5 ms to 10 min, each about 2 to 2.5 times the one before. Thread rule: one thread at a time.
class Histogram {
  public:
    /// Upper bounds in seconds, inclusive; one more bucket holds what is longer.
    static constexpr std::array<double, 18> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                   0.5,    1,     2.5,    5,     10,   30,    60,   300, 600};

    /// `times`: that many of the same. Negative durations count as 0.
    void record(Duration took, std::uint64_t times = 1) {
        const auto seconds = took.count() > 0 ? std::chrono::duration<double>(took).count() : 0.0;
        std::size_t at = 0;
        while (at < bounds.size() && seconds > bounds[at]) ++at;
        counts_[at] += times;
        sum_ += seconds * static_cast<double>(times);
    }
    /// Of each bucket alone, not cumulative.
    const std::array<std::uint64_t, bounds.size() + 1>& counts() const { return counts_; }
    double sum() const { return sum_; }  // seconds
    std::uint64_t count() const {
        std::uint64_t n = 0;
        for (const auto c : counts_) n += c;
        return n;
    }
    Histogram& operator+=(const Histogram& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        sum_ += other.sum_;
        return *this;
    }

  private:
    std::array<std::uint64_t, bounds.size() + 1> counts_{};
    double sum_ = 0;
};

}  // namespace halcyon
