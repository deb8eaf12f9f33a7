#include "pipeline/decide/writer_lease.hpp"

#include <algorithm>

namespace halcyon::pipeline {

WriterLease::Finding WriterLease::judge(const std::optional<WriterMark>& found, Instant now) {
    if (!found || found->writer.empty()) return Finding::take;
    if (found->run == run_) return Finding::hold;
    holding_ = false;
    // The state folder is locked, so an earlier process with it is dead. One that comes later has a copy.
    if (found->writer == writer_ && !held_once_) return Finding::take;
    if (found->released) return Finding::take_over;
    if (seen_ != found) {
        seen_ = found;
        seen_at_ = now;
    }
    const auto its = std::chrono::milliseconds(std::clamp<std::int64_t>(found->lease_ms, 0, 3'600'000));
    return now - seen_at_ >= std::max<Duration>(lease_, its) ? Finding::take_over : Finding::wait;
}

WriterMark WriterLease::next(std::string since, bool released) {
    return {writer_,
            run_,
            std::move(since),
            ++beat_,
            std::chrono::duration_cast<std::chrono::milliseconds>(lease_).count(),
            released};
}

}  // namespace halcyon::pipeline
