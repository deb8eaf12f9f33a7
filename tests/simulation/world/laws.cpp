#include "simulation/world/laws.hpp"

#include <algorithm>
#include <set>

namespace halcyon::simulation {
namespace {

/// What a program decided on the history that ended may still arrive for so long.
constexpr auto after_another_history = std::chrono::minutes(10);

std::string name_of(const CollectionName& collection, const DocumentKey& key) {
    return fmt::format("{} {} {}", collection.value(), key.ns.text(), key.id.display());
}

std::string text_of(const std::optional<Receipt>& receipt) {
    return receipt ? receipt->version.text() + (receipt->deleted ? " (deleted)" : "") : "none";
}

}  // namespace

Laws::Laws(const pipeline::PipelineOptions& settings, async::Clock& clock, Source& source, Target& target,
           const Wanted& wanted)
    : settings_(settings), clock_(clock), source_(source), target_(target), wanted_(wanted) {}

void Laws::begin(testing::Tables stored) {
    stored_ = std::move(stored);
    source_.told.clear();
}

void Laws::committing(const Commit& commit) {
    for (const auto& [key, receipt, earlier] : commit.receipts) held(key, receipt);
    known(commit);
    for (const auto& [key, version] : commit.expired) expired(key, version);
    stored_.apply(commit);
    if (commit.frontier) passed(commit.frontier->position);
}

/// Counts are kept by what a commit says was stored before it (ADR 0007): that must be so.
void Laws::known(const Commit& commit) {
    std::set<ReceiptKey> mentioned(commit.forget.begin(), commit.forget.end());
    for (const auto& [key, receipt, earlier] : commit.receipts) {
        if (!mentioned.insert(key).second || !earlier.known) continue;
        const auto at = stored_.receipts.find(key);
        const auto stored = at == stored_.receipts.end() ? std::nullopt : std::optional(at->second);
        if (stored != earlier.receipt)
            violated("the commit of {} at {} goes by a receipt of {}, and {} is stored",
                     name_of(key.collection, key.document), receipt.version.text(), text_of(earlier.receipt),
                     text_of(stored));
    }
}

/// A tombstone goes when nothing older can come: what was before it is settled, and no scan that began
/// before it goes on.
void Laws::expired(const ReceiptKey& key, const Version& version) {
    auto& latest = expired_[key];
    latest = std::max(latest, version);
    if (stored_.frontier->epoch == version.epoch && stored_.frontier->position.time <= version.time)
        violated("the tombstone of {} at {} goes before the frontier has passed it",
                 name_of(key.collection, key.document), version.text());
    const auto scan = stored_.snapshots.find({key.document.ns, key.collection});
    // Of a route that is gone nothing is scanned before it comes back, at a later time.
    const bool routed = std::any_of(settings_.routes.begin(), settings_.routes.end(), [&](const auto& r) {
        return r.from == key.document.ns && r.to == key.collection;
    });
    if (settings_.snapshot && routed && scan != stored_.snapshots.end() && !scan->second.complete() &&
        scan->second.started <= version)
        violated("the tombstone of {} at {} goes while a scan of before it goes on",
                 name_of(key.collection, key.document), version.text());
    // Of several routes it is not known whose cursor it is.
    const auto routes = std::count_if(settings_.routes.begin(), settings_.routes.end(),
                                      [&](const auto& r) { return r.from == key.document.ns; });
    const auto [first, last] = source_.cursors.equal_range(key.document.ns);
    const bool older = std::any_of(first, last, [&](const auto& c) { return c.second <= version.time; });
    if (routed && routes == 1 && older && stored_.frontier->epoch == version.epoch && !another_history() &&
        !somebody_counts())
        violated("the tombstone of {} at {} goes while a cursor of before it is open",
                 name_of(key.collection, key.document), version.text());
    if (stored_.owed.contains(key))
        violated("the tombstone of {} at {} goes while the document is owed",
                 name_of(key.collection, key.document), version.text());
}

/// Law 1: what the frontier passes is in this commit, or in one before it.
void Laws::passed(const Position& position) {
    auto& told = source_.told;
    // A position without a token is taken where a comparison begins: that covers what was told before.
    // Another history is noticed some time after it has begun, and compared then.
    if (position.token.empty() || another_history()) return told.clear();
    auto end = told.begin();
    if (position.of_event) {
        const auto named = [&](const Source::Entry& e) {
            return "e" + std::to_string(e.serial) == position.token;
        };
        const auto at = std::find_if(told.begin(), told.end(), named);
        if (at != told.end()) end = at + 1;
    } else {
        while (end != told.end() && end->time <= position.time) ++end;
    }
    for (auto at = told.begin(); at != end; ++at)
        for (const auto& route : settings_.routes)
            if (route.from == at->key.ns && !settled(*at, route.to))
                violated("law 1: the frontier passes {} at {}, which is neither confirmed nor owed nor dead",
                         name_of(route.to, at->key), at->version().text());
    told.erase(told.begin(), end);
}

bool Laws::another_history() const {
    return source_.began() > Instant{} && clock_.now() < source_.began() + after_another_history;
}

bool Laws::dead(const Namespace& ns, const Version& version) const {
    const auto at = [&](const Namespace& n) {
        const auto it = stored_.namespaces.find(n);
        return it != stored_.namespaces.end() && it->second.version >= version;
    };
    return at(ns) || at({ns.database, ""});
}

bool Laws::settled(const Source::Entry& entry, const CollectionName& collection) const {
    // While a route is compared, receipts may have been forgotten: what is missing is found by the scan.
    const auto scan = stored_.snapshots.find({entry.key.ns, collection});
    if (scan == stored_.snapshots.end() || !scan->second.complete() ||
        scan->second.started.time >= entry.time)
        return true;
    auto version = entry.version();
    version.epoch = stored_.frontier->epoch;
    if (dead(entry.key.ns, version)) return true;
    if (entry.kind != Source::Entry::Kind::put && entry.kind != Source::Entry::Kind::remove) return false;
    const ReceiptKey key{collection, entry.key};
    const auto in = [&](const auto& table) {
        const auto it = table.find(key);
        return it != table.end() && it->second.version >= version;
    };
    const auto gone = expired_.find(key);
    return in(stored_.receipts) || in(stored_.owed) || in(stored_.dead) ||
           (gone != expired_.end() && gone->second >= version);
}

/// Law 3. A point that is newer was written after what the receipt tells of.
void Laws::held(const ReceiptKey& key, const Receipt& receipt) {
    const auto collection = target_.collections.find(key.collection);
    const bool wreckage = !receipt.deleted && receipt.text == Digest{};
    if (wreckage || collection == target_.collections.end() || target_.tampered.count(key.collection) > 0)
        return;
    const auto& points = collection->second.points;
    const auto& removed = collection->second.removed;
    for (std::uint32_t chunk = 0; chunk < std::max<std::uint32_t>(receipt.chunks, 12); ++chunk) {
        const auto id = point_id(settings_.source, key.collection, key.document, chunk);
        const auto at = points.find(id);
        if (at != points.end() && at->second.provenance.version > receipt.version) continue;
        const bool wanted = !receipt.deleted && chunk < receipt.chunks;
        if (at == points.end()) {
            if (wanted && removed.count(id) == 0)
                violated("law 3: {} chunk {} is not held, and has a receipt of {}",
                         name_of(key.collection, key.document), chunk, receipt.version.text());
            continue;
        }
        const auto& p = at->second.provenance;
        if (!wanted)
            violated("law 3: {} chunk {} of {} is held, and the receipt of {} says that it is not",
                     name_of(key.collection, key.document), chunk, p.version.text(), receipt.version.text());
        else if (p.text != receipt.text || p.payload != receipt.payload)
            violated("law 3: {} chunk {} is held as of {}, and not as the receipt of {} says",
                     name_of(key.collection, key.document), chunk, p.version.text(), receipt.version.text());
    }
}

void Laws::landed(const CollectionName& collection, const SinkOperation& operation,
                  const std::map<PointId, Target::Point>& before) {
    if (target_.tampered.count(collection) > 0) return;
    const auto& points = target_.collections.at(collection).points;
    const auto whole = [&](const auto& writes) {
        if (writes.empty() || operation.removes.empty()) return;
        const auto& p = writes.front().provenance;
        for (std::uint32_t chunk = 0; chunk < p.chunks; ++chunk)
            if (points.count(point_id(settings_.source, collection, p.key, chunk)) == 0)
                violated("law 4: {}: old chunks are removed before chunk {} of {} is written",
                         name_of(collection, p.key), chunk, p.version.text());
    };
    whole(operation.upserts);
    whole(operation.payloads);
    if (another_history()) return;
    for (const auto& id : operation.removes) {
        const auto at = before.find(id);
        if (at == before.end() || points.count(id) > 0) continue;
        const auto& p = at->second.provenance;
        if (stored_.frontier && p.version.epoch < stored_.frontier->epoch) continue;
        const auto states = source_.states(p.key, p.version.time);
        if (std::none_of(states.begin(), states.end(), [&](const Document& state) {
                return wanted_.chunks(collection, p.key.ns, state) <= p.chunk;
            }))
            violated("law 4: {} chunk {} of {} is removed, and was wanted all the time",
                     name_of(collection, p.key), p.chunk, p.version.text());
    }
}

}  // namespace halcyon::simulation
