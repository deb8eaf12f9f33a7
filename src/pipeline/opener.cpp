#include "pipeline/opener.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/log.hpp"
#include "pipeline/page_reader.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t sample = 64;
constexpr auto watch_every = seconds(60);
constexpr std::size_t forget_page = 1024;

}  // namespace

Opener::Opener(RunState& run, Lane& lane, std::vector<render::RouteOptions> routes)
    : run_(run), lane_(lane), routes_(std::move(routes)), wake_(run.executor) {}

std::string Opener::identity_note() const {
    return fmt::format("collection/{}/identity", lane_.name().value());
}

void Opener::know(const StoredState& stored, std::uint64_t receipts) {
    for (const auto& [name, value] : stored.notes) {
        if (name == identity_note()) known_identity_ = value;
        if (name == rebuilding_note(lane_.name())) rebuilds_wanted_ = value == "yes" ? 1 : 0;
    }
    lease_.emplace(run_.writer, random_id(run_.ports.random), run_.options.writer_lease);
    clean_ = stored.clean;
    receipts_ = receipts;
}

void Opener::reopen() {
    if (!lane_.is_open()) return;
    lane_.shut("the collection is not the one that was written to: it is compared again");
    wake_.notify();
}

void Opener::rebuild_receipts() {
    ++rebuilds_wanted_;
    run_.committer.note(rebuilding_note(lane_.name()), "yes");
    lane_.shut("its receipts are rebuilt");
    wake_.notify();
}

/// Writes that are on the wire or in doubt would change what is being read.
Task<> Opener::wait_for_wire() {
    while (lane_.on_wire()) co_await run_.ports.clock.sleep(milliseconds(20));
}

Task<> Opener::run() {
    for (;;) {
        for (unsigned attempt = 1; !lane_.is_open(); ++attempt) {
            auto opened = co_await open();
            if (opened.has_value()) break;
            if (attempt == 1 || attempt % 10 == 0)
                log::warn("collection", "{} cannot be opened, trying again: {}", lane_.name().value(),
                          describe(opened.error()));
            lane_.shut(describe(opened.error()));
            if (std::exchange(waits_, false))
                co_await run_.ports.clock.sleep(lease_->period());
            else
                co_await back_off(run_, attempt);
        }
        while (lane_.is_open()) co_await wake_.wait();
    }
}

/// Somebody may delete a collection that nothing is written to, or put another one in its place.
Task<> Opener::watch() {
    for (;;) {
        co_await run_.ports.clock.sleep(watch_every);
        if (!lane_.is_open()) continue;
        auto found = co_await run_.ports.sink.ensure(
            lane_.options().spec, Deadline::in(run_.ports.clock, run_.options.read_timeout));
        if (found.has_error()) continue;
        if (found.value().created || found.value().identity != known_identity_) reopen();
    }
}

Task<Result<>> Opener::open() {
    const auto deadline = Deadline::in(run_.ports.clock, run_.options.read_timeout);
    auto& embedder = *run_.ports.embedders.at(lane_.options().embedder);
    HALCYON_CO_TRY(auto dimension, co_await embedder.dimension(deadline));
    auto spec = lane_.options().spec;
    spec.dimension = dimension;
    std::map<Namespace, render::Route> routes;
    for (const auto& r : routes_) {
        HALCYON_CO_TRY(auto route, render::Route::compile(r, embedder.identity(), dimension, spec.distance));
        routes.emplace(r.from, std::move(route));
    }
    HALCYON_CO_TRY(auto found, co_await run_.ports.sink.ensure(spec, deadline));
    highest_epoch_ = std::max(highest_epoch_, found.highest_epoch);
    HALCYON_CO_TRY(co_await claim());
    HALCYON_CO_TRY(const auto holds, co_await holds_what_we_know(found));
    if (!holds) {
        HALCYON_CO_TRY(co_await rebuild(found.identity, found.points));
    }
    if (found.identity != known_identity_) {
        Commit commit;
        commit.notes.emplace_back(identity_note(), found.identity);
        HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(commit), Durability::synced));
        known_identity_ = found.identity;
    }
    if (rebuilds_wanted_ != rebuilds_done_)
        co_return fail(Verdict::retry, Cause::internal, "its receipts are to be rebuilt once more");
    if (run_.ports.marks && !unmarked_ && !lease_->holding())
        co_return fail(Verdict::retry, Cause::conflict, "another halcyon has taken it over meanwhile");
    lane_.set_dimension(dimension);
    lane_.open(std::move(routes));
    opened_once_ = true;
    if (found.created)
        log::info("collection", "{} was made ({}, {} dimensions)", spec.name.value(), found.physical,
                  dimension);
    if (on_open) on_open();
    co_return success();
}

Task<Result<bool>> Opener::holds_what_we_know(const CollectionState& found) {
    if (rebuilds_wanted_ != rebuilds_done_) co_return false;
    if (opened_once_) co_return false;  // it was missing a moment ago
    if (receipts_ == 0) co_return found.points == 0;
    if (found.created || (!known_identity_.empty() && known_identity_ != found.identity)) co_return false;
    // After an unclean stop a few removals may be confirmed that are not stored yet; the replay zone covers
    // them.
    if (clean_ && found.points < receipts_) co_return false;
    auto page = co_await run_.ports.state.scan_receipts(lane_.name(), std::nullopt, std::nullopt, sample);
    if (page.has_error()) co_return fail(page.error());
    std::vector<DocumentKey> keys;
    for (const auto& [key, receipt] : page.value().rows)
        if (!receipt.deleted) keys.push_back(key.document);
    if (keys.empty()) co_return true;
    HALCYON_CO_TRY(auto held,
                   co_await run_.ports.sink.lookup(
                       lane_.name(), keys, Deadline::in(run_.ports.clock, run_.options.read_timeout)));
    const auto missing =
        std::count_if(held.begin(), held.end(), [](const HeldDocument& h) { return h.chunks.empty(); });
    co_return missing == 0 || (!clean_ && static_cast<std::size_t>(missing) < keys.size() / 2);
}

Task<Result<>> Opener::forget_receipts() {
    for (;;) {
        HALCYON_CO_TRY(auto page, co_await run_.ports.state.scan_receipts(lane_.name(), std::nullopt,
                                                                          std::nullopt, forget_page));
        if (page.rows.empty()) co_return success();
        Commit commit;
        for (auto& [key, receipt] : page.rows) commit.forget.push_back(std::move(key));
        HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(commit), Durability::buffered));
    }
}

Task<Result<>> Opener::rebuild(const std::string& identity, std::uint64_t points) {
    log::warn("collection",
              "{}: the receipts do not fit what it holds; they are rebuilt from its points, nothing is "
              "embedded for that",
              lane_.name().value());
    // First, so that the next commit holds the last receipts of before.
    co_await wait_for_wire();
    // Who asks from now on asks for another one.
    const auto served = std::max<std::uint64_t>(rebuilds_wanted_, 1);
    rebuilds_wanted_ = served;
    // Scans of before end here: what they would still store must not undo what follows.
    if (on_rebuild) on_rebuild();
    Commit begin;
    begin.notes.emplace_back(rebuilding_note(lane_.name()), "yes");
    for (const auto& r : routes_) begin.snapshots.push_back(voided(r.from, lane_.name()));
    HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(begin), Durability::synced));
    HALCYON_CO_TRY(co_await forget_receipts());
    PageReader pages(run_, lane_.name());
    rebuilt_ = 0;
    for (std::uint64_t read = 0;;) {
        lane_.still_shut(fmt::format("its receipts are rebuilt: {} of about {} points are read", read,
                                     std::max(points, read)));
        HALCYON_CO_TRY(auto chunks, co_await pages.next());
        if (!chunks) break;
        read += chunks->size();
        HALCYON_CO_TRY(co_await rebuild_page(std::move(*chunks)));
    }
    rebuilds_done_ = served;
    Commit end;
    if (rebuilds_wanted_ == served) end.notes.emplace_back(rebuilding_note(lane_.name()), "no");
    end.notes.emplace_back(identity_note(), identity);
    HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(end), Durability::synced));
    log::info("collection", "{}: {} receipts rebuilt; the source is compared next", lane_.name().value(),
              rebuilt_);
    co_return success();
}

/// A document of one chunk is its own witness; of the others all chunks are asked for, once a page.
Task<Result<>> Opener::rebuild_page(std::vector<HeldChunk> chunks) {
    Commit commit;
    std::set<DocumentKey> several;
    for (auto& c : chunks) {
        auto& p = c.provenance;
        highest_epoch_ = std::max(highest_epoch_, p.version.epoch);
        if (p.chunks == 1 && p.chunk == 0)
            commit.receipts.emplace_back(ReceiptKey{lane_.name(), p.key},
                                         Receipt{p.version, p.text, p.payload, 1, false, p.at});
        else
            several.insert(p.key);
    }
    if (!several.empty()) {
        std::vector<DocumentKey> keys(several.begin(), several.end());
        HALCYON_CO_TRY(auto held,
                       co_await run_.ports.sink.lookup(
                           lane_.name(), keys, Deadline::in(run_.ports.clock, run_.options.read_timeout)));
        for (std::size_t i = 0; i < keys.size(); ++i) {
            auto receipt = held[i].receipt();
            if (!receipt) receipt = remembered(wreckage(held[i]));
            if (receipt->chunks > 0)
                commit.receipts.emplace_back(ReceiptKey{lane_.name(), keys[i]}, *receipt);
        }
    }
    rebuilt_ += commit.receipts.size();
    co_return co_await run_.committer.commit_now(std::move(commit), Durability::buffered);
}

}  // namespace halcyon::pipeline
