// Jobs as they are stored: notes of the state in a fixed number of slots (docs/adr/0020). Pure, but for
// `stored_jobs`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "core/ports/job_control.hpp"
#include "core/ports/state_store.hpp"

namespace halcyon::jobs {

/// So many are kept; a new one takes the place of the one that ended first.
inline constexpr std::size_t slots = 100;

struct Record {
    Job job;
    /// By route of the job: where it goes on after a restart; nothing: at its start.
    std::vector<std::optional<SnapshotProgress>> progress;
};

/// A note's name. REQUIRES: slot < slots.
std::string note_of(std::size_t slot);
/// The slot that a note's name names; nothing: it is another note.
std::optional<std::size_t> slot_of(std::string_view note);

/// One object of JSON, with the number of its form first.
std::string encode(const Record& record);
/// Errors: reject/corrupted; reject/unsupported (of a newer release).
Result<Record> decode(std::string_view text);

/// What is stored, by slot; those that cannot be read are left out, and told.
std::vector<std::pair<std::size_t, Record>> records_of(
    const std::vector<std::pair<std::string, std::string>>& notes);

/// The jobs of a sidecar that is stopped, newest first. Changes nothing. Errors: of the state.
Task<Result<std::vector<Job>>> stored_jobs(StateReader* state);

/// Newest first.
bool newer(const Job& a, const Job& b);
inline bool ended(JobState s) {
    return s == JobState::done || s == JobState::cancelled || s == JobState::failed;
}

}  // namespace halcyon::jobs
