#include "pipeline/owed_reader.hpp"

#include <map>
#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr auto poll = milliseconds(250);
constexpr std::size_t round_bytes = 4 * MiB;
constexpr std::size_t largest_batch = 256;
constexpr WallTime end_of_time{std::numeric_limits<std::int64_t>::max()};

}  // namespace

Task<> OwedReader::run() {
    for (unsigned failures = 0;;) {
        co_await run_.ports.clock.sleep(poll);
        while (lane_.may_owe() && !lane_.paused()) {
            if (!co_await round()) {
                co_await back_off(run_, ++failures);
                break;
            }
            failures = 0;
        }
    }
}

/// False: something could not be read; or nothing is due yet.
Task<bool> OwedReader::round() {
    auto due = co_await run_.ports.state.due(lane_.name(), false, run_.ports.clock.wall(), batch_);
    if (due.has_error()) co_return false;
    if (due.value().empty()) {
        // A note that is being stored now must not be missed.
        const auto mark = lane_.owed_mark();
        if ((co_await run_.committer.commit_now({}, Durability::buffered)).has_error()) co_return false;
        auto later = co_await run_.ports.state.due(lane_.name(), false, end_of_time, 1);
        if (later.has_value() && later.value().empty()) lane_.none_owed(mark);
        co_return !lane_.may_owe();
    }
    std::map<Namespace, std::vector<DocId>> by_namespace;
    for (auto& [key, owed] : due.value()) by_namespace[key.document.ns].push_back(key.document.id);
    const auto barrier = std::make_shared<Barrier>(run_.executor);
    for (auto& [ns, ids] : by_namespace)
        if (!co_await read(ns, std::move(ids), barrier)) co_return false;
    co_await barrier->until(0);
    // The notes are gone only when the receipts are stored; asking before would re-read the same documents.
    co_return (co_await run_.committer.commit_now({}, Durability::buffered)).has_value();
}

Task<bool> OwedReader::read(Namespace ns, std::vector<DocId> ids, std::shared_ptr<Barrier> barrier) {
    const auto deadline = Deadline::in(run_.ports.clock, run_.options.read_timeout);
    auto found = co_await run_.ports.reader.lookup(ns, ids, {}, deadline);
    if (found.has_error()) {
        log::warn("owed", "{}: {}", ns.text(), describe(found.error()));
        co_return false;
    }
    std::size_t bytes = 1;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Work work;
        work.key = {ns, std::move(ids[i])};
        if (auto& document = found.value().documents[i]) {
            bytes += document->size();
            work.document = std::move(*document);
        }
        work.version = {run_.epoch, found.value().at, Version::last};
        work.origin = Work::Origin::owed;
        work.ask = true;
        work.tickets.push_back(barrier->ticket());
        work.happened = run_.ports.clock.wall();
        lane_.admit(std::move(work));
    }
    batch_ = std::clamp<std::size_t>(round_bytes / (bytes / ids.size() + 1), 1, largest_batch);
    co_return true;
}

}  // namespace halcyon::pipeline
