#include "pipeline/decide/history.hpp"

#include <algorithm>
#include <utility>

namespace halcyon::pipeline {

using std::chrono::seconds;

seconds history_left(const History& history, ClusterTime position) {
    if (position < history.oldest) return seconds(0);
    const auto newest = std::max(history.newest.seconds, position.seconds);
    const auto behind = seconds(newest - position.seconds);
    // Less than what is kept of it already there can't be.
    return std::max(history.reach() - behind, seconds(position.seconds - history.oldest.seconds));
}

HistoryLeft::Tell HistoryLeft::measured(seconds left, bool full) {
    left_ = left;
    full_ = full;
    why_.clear();
    told_why_.clear();
    if (low()) {
        if (told_low_ && (left > *told_low_ / 2 || *told_low_ == seconds(0))) return Tell::nothing;
        told_low_ = left;
        return Tell::low;
    }
    // A tenth more than the bound, or a value that swings around it would tell each time.
    if (!told_low_ || left < bound_ + bound_ / 10) return Tell::nothing;
    told_low_.reset();
    return Tell::enough;
}

HistoryLeft::Tell HistoryLeft::unknown(std::string why) {
    left_.reset();
    why_ = std::move(why);
    if (why_ == told_why_) return Tell::nothing;
    told_why_ = why_;
    return Tell::unknown;
}

}  // namespace halcyon::pipeline
