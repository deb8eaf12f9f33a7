// Long work that operators start, watch, pause, resume and cancel. Thread rule: the loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/key.hpp"

namespace halcyon {

enum class JobState : std::uint8_t { running, paused, done, cancelled, failed };
std::string_view to_string(JobState s);

/// How a backfill treats what is held already.
enum class BackfillMode : std::uint8_t {
    incremental,     // compared by digest: only what differs is embedded or written
    skip_if_exists,  // not looked at: only documents without a receipt are sent
    full,            // embedded and written again
};
std::string_view to_string(BackfillMode m);
std::optional<BackfillMode> parse_backfill_mode(std::string_view text);

struct BackfillRequest {
    std::optional<CollectionName> collection;  // nothing: all that the namespace leads to
    std::optional<Namespace> ns;               // nothing: all that lead to the collection
    BackfillMode mode = BackfillMode::incremental;
    bool dry_run = false;           // nothing is written; the job ends with what it would cost
    std::uint64_t max_pending = 0;  // it stands back while more documents wait; 0: no bound
    bool operator==(const BackfillRequest&) const = default;
};

struct JobCost {
    std::uint64_t documents = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t payload_only = 0;
    std::uint64_t embed = 0;   // documents
    std::uint64_t remove = 0;  // documents
    std::uint64_t texts = 0;
    std::uint64_t characters = 0;
    std::uint64_t requests = 0;                                    // to embedders
    std::uint64_t tokens() const { return (characters + 3) / 4; }  // a rule of thumb
};

struct JobResult {
    std::uint64_t embedded = 0;   // chunks
    std::uint64_t written = 0;    // points, of which only the payload was written included
    std::uint64_t unchanged = 0;  // documents
    std::uint64_t removed = 0;    // points
};

struct Job {
    std::string id;  // sorts by time of creation
    BackfillRequest request;
    JobState state = JobState::running;
    struct RouteProgress {
        Namespace from;
        CollectionName to;
        std::string state;  // waiting, running, done, cancelled
        std::uint64_t scanned = 0;
        std::uint64_t estimate = 0;
    };
    std::vector<RouteProgress> routes;
    double rate = 0;        // documents a second, lately
    std::string waits_for;  // empty: it goes on
    WallTime created{};
    WallTime started{};
    WallTime updated{};
    WallTime ended{};  // 0: it has not
    std::string error;
    std::optional<JobResult> result;
    std::optional<JobCost> cost;  // of a dry run that is done

    std::uint64_t scanned() const;
    std::uint64_t estimate() const;
};

class JobControl {
  public:
    virtual ~JobControl() = default;
    /// Newest first; at most 100 are kept.
    virtual std::vector<Job> jobs() const = 0;
    /// Durable when it returns. Errors: retry/unavailable (it is starting or stopping), reject/not_found (no
    /// such route), reject/conflict: one with the same routes is not ended, and the context is its id and
    /// nothing else.
    virtual Task<Result<Job>> start(BackfillRequest request) = 0;
    enum class Act { pause, resume, cancel };
    /// Errors: retry/unavailable (as above), reject/not_found, reject/conflict (its state does not allow
    /// that).
    virtual Task<Result<Job>> act(std::string id, Act what) = 0;
};

}  // namespace halcyon
