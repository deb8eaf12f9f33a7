#include "pipeline/committer.hpp"

#include <utility>

namespace halcyon::pipeline {
namespace {

void append(Commit& into, Commit from) {
    auto move_all = [](auto& a, auto& b) {
        a.insert(a.end(), std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()));
    };
    move_all(into.receipts, from.receipts);
    move_all(into.forget, from.forget);
    move_all(into.expired, from.expired);
    move_all(into.owed, from.owed);
    move_all(into.owed_done, from.owed_done);
    move_all(into.dead, from.dead);
    move_all(into.dead_done, from.dead_done);
    move_all(into.namespaces, from.namespaces);
    move_all(into.namespaces_done, from.namespaces_done);
    move_all(into.snapshots, from.snapshots);
    move_all(into.snapshots_done, from.snapshots_done);
    move_all(into.notes, from.notes);
    if (from.frontier) into.frontier = std::move(from.frontier);
}

}  // namespace

Committer::Committer(async::Executor executor, CommitStore& store, async::Clock& clock,
                     Duration idle_interval)
    : store_(store), clock_(clock), executor_(executor), idle_interval_(idle_interval), wake_(executor) {}

void Committer::take_tickets(Work& work) {
    for (auto& t : work.tickets) tickets_.push_back(std::move(t));
    work.tickets.clear();
    urgent_ = true;
    wake_.notify();
}

void Committer::settle(Work& work, const CollectionName& collection, std::optional<Receipt> receipt) {
    if (receipt) {
        ReceiptKey key{collection, work.key};
        overlay_.insert_or_assign(key, Overlaid{*receipt, batch_});
        // Works of a key settle one after the other; what else changes receipts is counted.
        const bool valid = work.reading && work.reading == reading();
        pending_.receipts.emplace_back(std::move(key), *receipt, valid ? work.earlier : Earlier{});
        work.reading.reset();
    }
    take_tickets(work);
}

void Committer::owe(Work& work, const CollectionName& collection, Owed note) {
    pending_.owed.emplace_back(ReceiptKey{collection, work.key}, std::move(note));
    take_tickets(work);
}

void Committer::bury(Work& work, const CollectionName& collection, DeadLetter letter) {
    pending_.dead.emplace_back(ReceiptKey{collection, work.key}, std::move(letter));
    take_tickets(work);
}

void Committer::entomb(NamespaceTombstone tombstone, std::vector<SnapshotProgress> snapshots,
                       TicketPtr ticket) {
    pending_.namespaces.push_back(std::move(tombstone));
    for (auto& s : snapshots) pending_.snapshots.push_back(std::move(s));
    if (ticket) tickets_.push_back(std::move(ticket));
    sync_ = urgent_ = true;
    wake_.notify();
}

void Committer::note(std::string name, std::string value) {
    pending_.notes.emplace_back(std::move(name), std::move(value));
    urgent_ = true;
    wake_.notify();
}

void Committer::touch() { touched_ = true; }

void Committer::hurry() {
    urgent_ = true;
    wake_.notify();
}

const Receipt* Committer::confirmed(const ReceiptKey& key) const {
    const auto it = overlay_.find(key);
    return it == overlay_.end() ? nullptr : &it->second.receipt;
}

std::optional<std::uint64_t> Committer::reading() const {
    return rewrites_ == rewritten_ ? std::optional(rewrites_) : std::nullopt;
}

Task<Result<>> Committer::commit_now(Commit commit, Durability durability) {
    if (failed_) co_return fail(*failed_);
    auto request = std::make_shared<Request>(executor_);
    if (commit.changes_receipts()) ++rewrites_;
    append(pending_, std::move(commit));
    sync_ = sync_ || durability == Durability::synced;
    requests_.push_back(request);
    urgent_ = true;
    wake_.notify();
    while (!request->outcome) co_await request->done.wait();
    co_return *request->outcome;
}

Task<Result<>> Committer::flush() { return commit_now({}, Durability::synced); }

Task<Result<>> Committer::store_once() {
    auto commit = std::exchange(pending_, {});
    auto tickets = std::exchange(tickets_, {});
    auto requests = std::exchange(requests_, {});
    urgent_ = touched_ = false;
    const auto durability = std::exchange(sync_, false) ? Durability::synced : Durability::buffered;
    for (auto& t : tickets) pipeline::settle(*t);
    for (auto* c : contributors_) c->contribute(commit);
    const auto batch = batch_++;
    const auto rewrites = rewrites_;
    std::vector<ReceiptKey> keys;
    keys.reserve(commit.receipts.size());
    for (const auto& confirmed : commit.receipts) keys.push_back(confirmed.key);
    Result<> outcome = success();
    if (!commit.empty() || durability == Durability::synced) {
        const auto began = clock_.now();
        outcome = co_await store_.commit(std::move(commit), durability);
        if (times) times->commit.record(clock_.now() - began);
    }
    ++commits_;
    if (outcome.has_value()) rewritten_ = rewrites;
    if (outcome.has_value())
        for (const auto& key : keys)
            if (const auto it = overlay_.find(key); it != overlay_.end() && it->second.batch <= batch)
                overlay_.erase(it);
    if (outcome.has_error()) {
        failed_ = outcome.error();
        // No batch comes for those who asked meanwhile.
        for (auto& r : std::exchange(requests_, {})) requests.push_back(std::move(r));
    }
    for (auto& r : requests) {
        r->outcome = outcome;
        r->done.fire();
    }
    co_return outcome;
}

Task<Result<>> Committer::run() {
    for (;;) {
        while (!urgent_) co_await wake_.wait();
        HALCYON_CO_TRY(co_await store_once());
    }
}

Task<> Committer::tick() {
    for (;;) {
        co_await clock_.sleep(idle_interval_);
        if (!touched_) continue;
        urgent_ = true;
        wake_.notify();
    }
}

}  // namespace halcyon::pipeline
