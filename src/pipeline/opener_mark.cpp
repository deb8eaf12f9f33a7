// One writer to a collection (section "One writer" of docs/architecture.md).
#include <fmt/format.h>

#include "base/log.hpp"
#include "pipeline/opener.hpp"

namespace halcyon::pipeline {
namespace {

using Lease = WriterLease::Finding;

/// Another one that read at the same moment has written its mark by then, or finds ours.
constexpr auto settling = milliseconds(100);

}  // namespace

Error Opener::other_writer(const WriterMark& mark) const {
    const auto who = fmt::format("{} is written by another halcyon (state {}, since {})",
                                 lane_.name().value(), mark.writer.substr(0, 8), mark.since);
    if (run_.options.on_other_writer == PipelineOptions::OtherWriter::refuse)
        return {Verdict::fatal,
                Cause::conflict,
                fmt::format("{}: stop that one, or set qdrant.on_other_writer: wait", who),
                {}};
    return {Verdict::retry,
            Cause::conflict,
            fmt::format("{}: waiting until it stops, or shows no life for {} s", who,
                        std::chrono::ceil<seconds>(lease_->lease()).count()),
            {}};
}

/// Stored before the mark is ours: the next start must not believe them either.
Task<Result<>> Opener::distrust_receipts() {
    ++rebuilds_wanted_;
    Commit commit;
    commit.notes.emplace_back(rebuilding_note(lane_.name()), "yes");
    return run_.committer.commit_now(std::move(commit), Durability::synced);
}

Task<Result<>> Opener::claim() {
    if (!run_.ports.marks || unmarked_) co_return success();
    auto& marks = *run_.ports.marks;
    const auto& clock = run_.ports.clock;
    const auto by = [&] { return Deadline::in(clock, run_.options.read_timeout); };
    HALCYON_CO_TRY(const auto found, co_await marks.read(lane_.name(), by()));
    const auto judged = lease_->judge(found, clock.now());
    if (judged == Lease::wait) {
        auto error = other_writer(*found);
        if (error.verdict == Verdict::fatal) run_.fail_with(error);
        waits_ = true;
        co_return fail(std::move(error));
    }
    if (judged == Lease::hold && lease_->holding()) co_return success();
    if (judged == Lease::take_over) {
        log::warn("collection", "{}: taken over from another halcyon (state {}, {})", lane_.name().value(),
                  found->writer.substr(0, 8), found->released ? "which stopped" : "which shows no life");
        HALCYON_CO_TRY(co_await distrust_receipts());
    }
    if (!run_.writer_stored) {
        Commit commit;
        commit.notes.emplace_back(std::string(writer_note), run_.writer);
        HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(commit), Durability::synced));
        run_.writer_stored = true;
    }
    if (judged != Lease::hold || marked_since_.empty()) marked_since_ = rfc3339(clock.wall());
    auto written = co_await marks.write(lane_.name(), lease_->next(marked_since_), by());
    if (written.has_error()) {
        const auto& e = written.error();
        if (e.verdict == Verdict::retry && e.cause != Cause::unauthorized) co_return fail(e);
        unmarked_ = true;
        log::warn("collection", "{}: a second halcyon would not be noticed, since no mark can be left: {}",
                  lane_.name().value(), describe(e));
        co_return success();
    }
    // Nobody else looks for a place that this state had.
    if (!found || found->writer != run_.writer) {
        co_await run_.ports.clock.sleep(settling);
        HALCYON_CO_TRY(const auto left, co_await marks.read(lane_.name(), by()));
        if (lease_->judge(left, clock.now()) != Lease::hold)
            co_return fail(
                Verdict::retry, Cause::conflict,
                fmt::format("{}: another halcyon claims it at the same time", lane_.name().value()));
    }
    lease_->taken();
    co_return success();
}

Task<> Opener::keep_mark() {
    if (!run_.ports.marks) co_return;
    auto& marks = *run_.ports.marks;
    for (Duration pause = lease_->period();;) {
        co_await run_.ports.clock.sleep(pause);
        pause = lease_->period();
        if (!lease_->holding()) continue;
        const auto by = Deadline::in(run_.ports.clock, run_.options.read_timeout);
        auto found = co_await marks.read(lane_.name(), by);
        if (found.has_value() && lease_->judge(found.value(), run_.ports.clock.now()) == Lease::hold)
            found = co_await count_up(by);
        else if (found.has_value() && found.value() && !lease_->holding())
            lost(*found.value());
        // Away: as soon as it answers again, before another one's patience ends.
        if (found.has_error()) pause = std::min<Duration>(pause, seconds(1));
    }
}

/// Error or the mark; what is read decides, not what was written.
Task<Result<std::optional<WriterMark>>> Opener::count_up(Deadline by) {
    auto next = lease_->next(marked_since_);
    HALCYON_CO_TRY(co_await run_.ports.marks->write(lane_.name(), next, by));
    co_return std::optional<WriterMark>(std::move(next));
}

void Opener::lost(const WriterMark& mark) {
    auto error = other_writer(mark);
    if (error.verdict == Verdict::fatal) return run_.fail_with(std::move(error));
    log::warn("collection", "{}; nothing is written into it meanwhile", describe(error));
    lane_.shut(describe(error));
    wake_.notify();
}

Task<> Opener::release_mark() {
    if (!run_.ports.marks || !lease_ || !lease_->holding()) co_return;
    const auto by = Deadline::in(run_.ports.clock, seconds(2));
    auto found = co_await run_.ports.marks->read(lane_.name(), by);
    if (found.has_error() || lease_->judge(found.value(), run_.ports.clock.now()) != Lease::hold) co_return;
    // Not written: another one waits for a lease.
    static_cast<void>(co_await run_.ports.marks->write(lane_.name(), lease_->next(marked_since_, true), by));
    lease_->lose();
}

}  // namespace halcyon::pipeline
