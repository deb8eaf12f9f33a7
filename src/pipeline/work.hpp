// One document to be brought up to date in one collection.
#pragma once

#include <memory>
#include <vector>

#include "async/budget.hpp"
#include "core/commit.hpp"
#include "core/ports/job_control.hpp"
#include "pipeline/decide/ack_tracker.hpp"
#include "pipeline/decide/own_failures.hpp"
#include "render/route.hpp"

namespace halcyon::pipeline {

struct Work {
    enum class Origin { stream, scan, owed, sweep };

    DocumentKey key;
    Document document;  // empty: the document is gone
    Version version;
    Origin origin = Origin::stream;
    /// The receipt alone is not believed (replay zone, doubt, owed): Qdrant is asked what it holds.
    bool ask = false;
    /// Why the source cannot give the document; then there is none.
    std::shared_ptr<const Error> unreadable;
    /// Written again even if nothing differs: an operator wants so.
    bool force = false;
    /// The note that it comes from: what it carries goes into the next one.
    std::shared_ptr<const Owed> note;
    /// How often the collection has embedded it.
    std::uint32_t embeddings = 0;
    OwnFailures failures;
    std::vector<TicketPtr> tickets;
    /// Where it is counted what becomes of it; nothing: nowhere.
    std::shared_ptr<JobResult> result;
    std::shared_ptr<async::Lease> lease;
    WallTime happened{};
    Instant arrived{};  // of the stream's: when it came
    /// What was stored of it when it was planned, and when that was (Committer::reading).
    Earlier earlier{};
    std::optional<std::uint64_t> reading{};
};

/// `from`'s tickets settle with `into`.
inline void adopt_tickets(Work& into, Work& from) {
    if (into.tickets.empty())
        into.tickets = std::move(from.tickets);
    else
        into.tickets.insert(into.tickets.end(), std::make_move_iterator(from.tickets.begin()),
                            std::make_move_iterator(from.tickets.end()));
    from.tickets.clear();
}

}  // namespace halcyon::pipeline
