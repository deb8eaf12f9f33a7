// How long the source will keep what lies behind our position, and who is told. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/ports/document_reader.hpp"

namespace halcyon::pipeline {

/// Until `position` is lost, if it stays where it is. 0: it is lost already.
std::chrono::seconds history_left(const History& history, ClusterTime position);

/// What was measured last. Unknown is neither 0 nor enough: it has a reason.
class HistoryLeft {
  public:
    /// `bound`: less is too little; 0: nothing is.
    explicit HistoryLeft(std::chrono::seconds bound) : bound_(bound) {}

    enum class Tell { nothing, unknown, low, enough };
    /// What is worth a line in the log: that it is unknown, once; that it is low, and again whenever half of
    /// that is gone; that it is enough again.
    /// `full`: what is old is being dropped. As long as there is room nothing is too little: a young source
    /// that is being loaded would look as if it kept minutes.
    Tell measured(std::chrono::seconds left, bool full);
    Tell unknown(std::string why);

    const std::optional<std::chrono::seconds>& left() const { return left_; }
    /// Empty: it is known.
    const std::string& why() const { return why_; }
    bool low() const { return left_ && full_ && *left_ < bound_; }
    std::chrono::seconds bound() const { return bound_; }

  private:
    std::chrono::seconds bound_;
    std::optional<std::chrono::seconds> left_;
    bool full_ = false;
    std::string why_ = "it was not measured yet";
    std::optional<std::chrono::seconds> told_low_;
    std::string told_why_;
};

}  // namespace halcyon::pipeline
