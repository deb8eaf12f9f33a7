#include "simulation/world/source.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace halcyon::simulation {

const Source::Documents& Source::documents(const Namespace& ns) const {
    static const Documents none;
    const auto it = past_.documents.find(ns);
    return it == past_.documents.end() ? none : it->second;
}

void Source::tick() {
    const auto seconds =
        static_cast<std::uint32_t>(clock_.wall().ms / 1000 - static_cast<std::int64_t>(behind_));
    if (seconds > past_.time.seconds)
        past_.time = {seconds, 1};
    else
        ++past_.time.increment;
}

void Source::record(Entry entry) {
    entry.serial = ++serial_;
    entry.time = past_.time;
    entry.happened = clock_.wall();
    past_.history.push_back(std::move(entry));
    grown_.notify();
}

void Source::remember(const DocumentKey& key, const Document& document) {
    states_[key].emplace_back(past_.time, document);
}

std::vector<Document> Source::states(const DocumentKey& key, ClusterTime since) const {
    std::vector<Document> out;
    const auto it = states_.find(key);
    if (it == states_.end()) return {Document{}};
    auto from = std::upper_bound(it->second.begin(), it->second.end(), since,
                                 [](const ClusterTime& t, const auto& s) { return t < s.first; });
    if (from == it->second.begin())
        out.emplace_back();
    else
        --from;
    for (; from != it->second.end(); ++from) out.push_back(from->second);
    return out;
}

void Source::begin_another_history() {
    ++histories_;
    log::debug("world", "another history of {} begins at {:x}", deployment_, past_.time.seconds);
    began_ = clock_.now();
    behind_ += random_.below(60);
    states_.clear();
    for (const auto& [ns, documents] : past_.documents)
        for (const auto& [id, document] : documents) remember({ns, id}, document);
    grown_.notify();
}

void Source::new_deployment() {
    deployment_ += "'";
    past_.history.clear();
    past_.first = 0;
    past_.time.seconds -= static_cast<std::uint32_t>(random_.below(100));
    past_.lost_until = past_.time;
    backup_.reset();
    begin_another_history();
    tick();
}

void Source::back_up() { backup_ = past_; }

void Source::restore() {
    if (!backup_) return;
    past_ = *backup_;
    begin_another_history();
}

/// The newest time stays: a deployment's operation time is always in its history.
void Source::lose_history() {
    auto& [documents, history, first, lost_until, time] = past_;
    first = history.size();
    while (first > 0 && history[first - 1].time == time) --first;
    if (first > 0) lost_until = std::max(lost_until, history[first - 1].time);
}

void Source::put(const Namespace& ns, Document document) { transaction(ns, {std::move(document)}, {}); }
void Source::remove(const Namespace& ns, const DocId& id) { transaction(ns, {}, {id}); }

void Source::transaction(const Namespace& ns, const std::vector<Document>& puts,
                         const std::vector<DocId>& removes) {
    tick();
    std::uint32_t operation = 0;
    for (const auto& d : puts) {
        Entry entry;
        entry.operation = operation++;
        entry.key = {ns, DocId::of(d.bson()).value()};
        entry.inserted = d;
        entry.insert = past_.documents[ns].insert_or_assign(entry.key.id, d).second;
        remember(entry.key, d);
        record(std::move(entry));
    }
    for (const auto& id : removes) {
        if (past_.documents[ns].erase(id) == 0) continue;
        Entry entry;
        entry.operation = operation++;
        entry.kind = Entry::Kind::remove;
        entry.key = {ns, id};
        remember(entry.key, {});
        record(std::move(entry));
    }
}

void Source::drop(const Namespace& ns) {
    const auto gone = past_.documents.extract(ns);
    if (gone.empty()) return;
    tick();
    for (const auto& [id, document] : gone.mapped()) remember({ns, id}, {});
    Entry entry;
    entry.kind = Entry::Kind::drop;
    entry.key = {ns, {}};
    record(std::move(entry));
}

/// A server reports a drop for each of its collections, then this.
void Source::drop_database(const std::string& name) {
    std::vector<Namespace> all;
    for (const auto& [ns, documents] : past_.documents)
        if (ns.database == name) all.push_back(ns);
    for (const auto& ns : all) drop(ns);
    tick();
    Entry entry;
    entry.kind = Entry::Kind::drop_database;
    entry.key = {{name, ""}, {}};
    record(std::move(entry));
}

void Source::rename_over(const Namespace& from, const Namespace& to) {
    tick();
    auto& target = past_.documents[to];
    for (const auto& [id, document] : target) remember({to, id}, {});
    target = std::move(past_.documents[from]);
    past_.documents.erase(from);
    for (const auto& [id, document] : target) remember({to, id}, document);
    Entry entry;
    entry.kind = Entry::Kind::rename_over;
    entry.key = {to, {}};
    record(std::move(entry));
}

Task<std::optional<Error>> Source::visit() {
    co_await clock_.sleep(
        Duration(random_.below(static_cast<std::uint64_t>(faults.longest_delay.count()) + 1)));
    if (cut || random_.unit() < faults.reader_fails)
        co_return Error{Verdict::retry, Cause::unavailable, "simulated", {}};
    if (random_.unit() < faults.denied)
        co_return Error{Verdict::fatal, Cause::unauthorized, "simulated: no rights", {}};
    co_return std::nullopt;
}

}  // namespace halcyon::simulation
