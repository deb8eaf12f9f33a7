#include "core/ports/job_control.hpp"

namespace halcyon {

std::string_view to_string(JobState s) {
    switch (s) {
        case JobState::running:
            return "running";
        case JobState::paused:
            return "paused";
        case JobState::done:
            return "done";
        case JobState::cancelled:
            return "cancelled";
        case JobState::failed:
            return "failed";
    }
    return "";
}

std::string_view to_string(BackfillMode m) {
    switch (m) {
        case BackfillMode::incremental:
            return "incremental";
        case BackfillMode::skip_if_exists:
            return "skip_if_exists";
        case BackfillMode::full:
            return "full";
    }
    return "";
}

std::optional<BackfillMode> parse_backfill_mode(std::string_view text) {
    for (const auto m : {BackfillMode::incremental, BackfillMode::skip_if_exists, BackfillMode::full})
        if (to_string(m) == text) return m;
    return std::nullopt;
}

std::uint64_t Job::scanned() const {
    std::uint64_t n = 0;
    for (const auto& r : routes) n += r.scanned;
    return n;
}

std::uint64_t Job::estimate() const {
    std::uint64_t n = 0;
    for (const auto& r : routes) n += r.estimate;
    return n;
}

}  // namespace halcyon
