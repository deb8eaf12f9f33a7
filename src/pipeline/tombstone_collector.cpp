#include "pipeline/tombstone_collector.hpp"

#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t page_rows = 1000;

}  // namespace

Task<> TombstoneCollector::run() {
    for (;;) {
        co_await run_.ports.clock.sleep(run_.options.tombstones.interval);
        if (!nothing_older_can_come() || !co_await enough()) continue;
        const auto passed = co_await pass();
        if (passed.has_error())
            log::warn("tombstones", "{}: {}", lane_.name().value(), describe(passed.error()));
    }
}

/// No replay, no scan, no owed work and no write of unknown fate: what comes from now on is newer than what
/// is settled.
bool TombstoneCollector::nothing_older_can_come() const {
    return !run_.replaying && !run_.stopping && lane_.is_open() && !lane_.distrust.any() &&
           !lane_.may_owe() && !lane_.doubts_any() && scans_done();
}

/// A pass reads all receipts: it has to be worth it.
Task<bool> TombstoneCollector::enough() const {
    const auto counts = co_await run_.ports.state.counts();
    if (counts.has_error()) co_return false;
    for (const auto& c : counts.value())
        if (c.collection == lane_.name())
            co_return c.tombstones > 0 &&
                c.tombstones >= std::max(run_.options.tombstones.least, c.receipts / 20);
    co_return false;
}

Task<Result<>> TombstoneCollector::pass() {
    const auto keep = run_.options.tombstones.age.count();
    std::uint64_t erased = 0;
    std::optional<std::string> from;
    do {
        HALCYON_CO_TRY(auto page, co_await run_.ports.state.scan_receipts(lane_.name(), {}, from, page_rows));
        // The conditions may have changed while it was read.
        if (!nothing_older_can_come()) break;
        const auto before = settled();
        Commit commit;
        for (auto& [key, receipt] : page.rows) {
            const auto& v = receipt.version;
            if (receipt.deleted && v.epoch <= run_.epoch && v.time.seconds + keep < before.seconds)
                commit.expired.emplace_back(std::move(key), v);
        }
        erased += commit.expired.size();
        from = page.next;
        if (!commit.empty()) {
            HALCYON_CO_TRY(co_await run_.committer.commit_now(std::move(commit), Durability::buffered));
        }
    } while (from);
    if (erased > 0)
        log::info("tombstones", "{}: {} of deleted documents are not needed any more", lane_.name().value(),
                  erased);
    co_return success();
}

}  // namespace halcyon::pipeline
