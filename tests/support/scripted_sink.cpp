#include "support/scripted_sink.hpp"

#include <algorithm>

namespace halcyon::test {

void ScriptedSink::plain(const CollectionName& name, std::uint32_t dimension, Distance distance) {
    collections_[name] = {.dimension = dimension,
                          .distance = distance,
                          .identity = {},
                          .made_for = {},
                          .mark = {},
                          .points = {}};
}

Result<ScriptedSink::Collection*> ScriptedSink::find(const CollectionName& name) {
    const auto found = collections_.find(name);
    if (found == collections_.end() || !found->second.ensured)
        return fail(Verdict::retry, Cause::not_found, "collection `" + name.value() + "` doesn't exist");
    return &found->second;
}

Task<Result<std::optional<WriterMark>>> ScriptedSink::read(CollectionName name, Deadline) {
    const auto collection = find(name);
    if (!collection) co_return fail(collection.error());
    co_return collection.value()->mark;
}

Task<Result<>> ScriptedSink::write(CollectionName name, WriterMark mark, Deadline) {
    const auto collection = find(name);
    if (!collection) co_return fail(collection.error());
    collection.value()->mark = std::move(mark);
    co_return success();
}

Task<Result<CollectionState>> ScriptedSink::ensure(CollectionSpec spec, Deadline) {
    const bool created = !collections_.contains(spec.name);
    if (created) {
        plain(spec.name, spec.dimension, spec.distance);
        collections_[spec.name].made_for = spec.name.value();
    }
    auto& c = collections_[spec.name];
    if (c.made_for.empty() && !spec.adopt)
        co_return fail(Verdict::fatal, Cause::conflict, "collection was not made by halcyon");
    if (c.dimension != spec.dimension)
        co_return fail(Verdict::fatal, Cause::dimension_mismatch, "another dimension");
    if (c.distance != spec.distance) co_return fail(Verdict::fatal, Cause::invalid, "another distance");
    if (c.identity.empty()) c.identity = "identity-" + std::to_string(++made_);
    c.ensured = true;
    co_return CollectionState{spec.name.value(), c.identity, c.points.size(), created, c.highest_epoch};
}

std::vector<SinkOutcome> ScriptedSink::carry_out(Collection& c, std::vector<SinkOperation>& operations) {
    std::vector<SinkOutcome> outcomes(operations.size(), SinkOutcome(success()));
    const bool refused = std::any_of(operations.begin(), operations.end(), [&](const SinkOperation& op) {
        return std::any_of(op.upserts.begin(), op.upserts.end(),
                           [&](const PointWrite& u) { return u.vector->dimension != c.dimension; });
    });
    const auto note = [&](const Provenance& p) {
        c.highest_epoch = std::max(c.highest_epoch, p.version.epoch);
    };
    // The upserts of all operations are one request, refused as a whole.
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (operations[i].upserts.empty()) continue;
        if (refused) {
            outcomes[i] = fail(Verdict::reject, Cause::dimension_mismatch, "a vector of another size");
            continue;
        }
        for (auto& u : operations[i].upserts) {
            note(u.provenance);
            c.points[u.id] = {std::move(u.payload), u.vector->json, std::move(u.provenance)};
        }
    }
    for (std::size_t i = 0; i < operations.size(); ++i) {
        for (auto& p : operations[i].payloads) {
            if (!outcomes[i]) break;
            const auto point = c.points.find(p.id);
            if (point == c.points.end()) {
                outcomes[i] =
                    fail(Verdict::resync, Cause::not_found, "No point with id " + p.id.value() + " found");
                break;
            }
            note(p.provenance);
            point->second.payload = std::move(p.payload);
            point->second.provenance = std::move(p.provenance);
        }
    }
    for (std::size_t i = 0; i < operations.size(); ++i)
        if (outcomes[i])
            for (const auto& id : operations[i].removes) c.points.erase(id);
    return outcomes;
}

Task<std::vector<SinkOutcome>> ScriptedSink::apply(CollectionName name, std::vector<SinkOperation> operations,
                                                   Deadline) {
    const auto count = operations.size();
    auto collection = find(name);
    if (!collection) co_return std::vector<SinkOutcome>(count, fail(collection.error()));
    if (fates_.empty()) co_return carry_out(*collection.value(), operations);
    const auto fate = fates_.front();
    fates_.pop_front();
    if (fate == Fate::lost_after) carry_out(*collection.value(), operations);
    const auto cause = fate == Fate::unavailable ? Cause::unavailable : Cause::in_doubt;
    co_return std::vector<SinkOutcome>(count, fail(Verdict::retry, cause, "as the test wants it"));
}

Task<Result<std::vector<HeldDocument>>> ScriptedSink::lookup(CollectionName name,
                                                             std::vector<DocumentKey> keys, Deadline) {
    auto collection = find(name);
    if (!collection) co_return fail(collection.error());
    std::vector<HeldDocument> documents(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (const auto& [id, stored] : collection.value()->points)
            if (stored.provenance.key == keys[i] && stored.provenance.source == source_)
                documents[i].chunks.push_back({id, stored.provenance});
        std::sort(documents[i].chunks.begin(), documents[i].chunks.end(),
                  [](const auto& a, const auto& b) { return a.provenance.chunk < b.provenance.chunk; });
    }
    co_return documents;
}

Task<Result<ScrollPage>> ScriptedSink::scroll(CollectionName name, std::optional<std::string> from,
                                              std::size_t limit, Deadline) {
    auto collection = find(name);
    if (!collection) co_return fail(collection.error());
    const auto& points = collection.value()->points;
    auto at = from ? points.lower_bound(PointId(*from)) : points.begin();
    ScrollPage page;
    for (; at != points.end() && page.chunks.size() < limit; ++at)
        page.chunks.push_back({at->first, at->second.provenance});
    if (at != points.end()) page.next = at->first.value();
    co_return page;
}

Task<Result<std::uint64_t>> ScriptedSink::count(CollectionName name, Deadline) {
    auto collection = find(name);
    if (!collection) co_return fail(collection.error());
    co_return collection.value()->points.size();
}

}  // namespace halcyon::test
