#include "simulation/world/target.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"

namespace halcyon::simulation {
namespace {

Error lost(const char* how) { return {Verdict::retry, Cause::in_doubt, how, {}}; }

}  // namespace

Task<std::optional<Error>> Target::visit(const CollectionName& collection) {
    co_await clock_.sleep(
        Duration(random_.below(static_cast<std::uint64_t>(faults.longest_delay.count()) + 1)));
    if (cut || down.count(collection) > 0)
        co_return Error{Verdict::retry, Cause::unavailable, "simulated: away", {}};
    co_return std::nullopt;
}

Task<Result<CollectionState>> Target::ensure(CollectionSpec spec, Deadline) {
    if (auto e = co_await visit(spec.name)) co_return fail(*e);
    if (random_.unit() < faults.reads) co_return fail(Verdict::retry, Cause::timeout, "simulated");
    CollectionState state;
    state.physical = spec.name.value() + "__1";
    auto [it, created] = collections.try_emplace(spec.name);
    if (created) it->second.identity = fmt::format("made-{}", ++made_);
    state.created = created;
    state.identity = it->second.identity;
    state.points = it->second.points.size();
    co_return state;
}

void Target::enter(const CollectionName& collection, const std::vector<SinkOperation>& operations) {
    const auto one = [&](const PointId& id) {
        if (on_wire_.count({collection, id}) > 0)
            violations.push_back(
                fmt::format("law 2: point {} of {} is twice in flight", id.value(), collection.value()));
        on_wire_.insert({collection, id});
    };
    for (const auto& op : operations) {
        for (const auto& u : op.upserts) one(u.id);
        for (const auto& p : op.payloads) one(p.id);
        for (const auto& r : op.removes) one(r);
    }
}

void Target::leave(const CollectionName& collection, const std::vector<SinkOperation>& operations) {
    const auto one = [&](const PointId& id) {
        if (const auto it = on_wire_.find({collection, id}); it != on_wire_.end()) on_wire_.erase(it);
    };
    for (const auto& op : operations) {
        for (const auto& u : op.upserts) one(u.id);
        for (const auto& p : op.payloads) one(p.id);
        for (const auto& r : op.removes) one(r);
    }
}

void Target::land(const CollectionName& collection, const SinkOperation& operation) {
    const auto it = collections.find(collection);
    if (it == collections.end()) return;
    ++writes;
    auto& points = it->second.points;
    std::map<PointId, Point> before;
    const auto keep = [&](const PointId& id) {
        if (const auto at = points.find(id); at != points.end()) before.emplace(*at);
    };
    for (const auto& u : operation.upserts) {
        log::debug("land", "{} {} {} chunk {} version {}", collection.value(), u.provenance.key.ns.text(),
                   u.provenance.key.id.display(), u.provenance.chunk, u.provenance.version.text());
        keep(u.id);
        points[u.id] = {u.vector->json, u.payload, u.provenance};
    }
    for (const auto& p : operation.payloads)
        if (const auto at = points.find(p.id); at != points.end()) {
            log::debug("land", "{} {} {} payload, chunk {} version {}", collection.value(),
                       p.provenance.key.ns.text(), p.provenance.key.id.display(), p.provenance.chunk,
                       p.provenance.version.text());
            keep(p.id);
            at->second.payload = p.payload;
            at->second.provenance = p.provenance;
        }
    for (const auto& id : operation.removes) {
        keep(id);
        if (const auto at = points.find(id); at != points.end())
            log::debug("land", "{} {} {} remove chunk {}", collection.value(),
                       at->second.provenance.key.ns.text(), at->second.provenance.key.id.display(),
                       at->second.provenance.chunk);
        points.erase(id);
        it->second.removed.insert(id);
    }
    if (on_landed) on_landed(collection, operation, before);
}

void Target::erase(const CollectionName& name) {
    collections.erase(name);
    tampered.insert(name);
}

void Target::replace(const CollectionName& name) {
    erase(name);
    collections[name].identity = fmt::format("replaced-{}", ++made_);
}

void Target::intrude(const CollectionName& name) {
    const auto it = collections.find(name);
    if (it == collections.end()) return;
    it->second.mark = WriterMark{"another", std::to_string(++made_), "", 1, 1000, random_.below(2) == 0};
    // It has not heard of some documents yet, and of others not the last.
    auto& points = it->second.points;
    for (auto at = points.begin(); at != points.end();) {
        const auto dice = random_.below(6);
        if (dice == 0)
            at->second.payload = R"({"p":"of another halcyon"})",
            at->second.provenance.payload = Digest{1, made_};
        at = dice == 1 ? points.erase(at) : std::next(at);
    }
    tampered.insert(name);
}

Task<Result<std::optional<WriterMark>>> Target::read(CollectionName collection, Deadline) {
    if (auto e = co_await visit(collection)) co_return fail(*e);
    if (random_.unit() < faults.reads) co_return fail(Verdict::retry, Cause::timeout, "simulated");
    const auto it = collections.find(collection);
    if (it == collections.end())
        co_return fail(Verdict::retry, Cause::not_found, "simulated: no such collection");
    it->second.shown = it->second.mark;
    co_return it->second.mark;
}

Task<Result<>> Target::write(CollectionName collection, WriterMark mark, Deadline) {
    if (auto e = co_await visit(collection)) co_return fail(*e);
    const auto it = collections.find(collection);
    if (it == collections.end())
        co_return fail(Verdict::retry, Cause::not_found, "simulated: no such collection");
    if (random_.unit() < faults.before) co_return fail(Verdict::retry, Cause::unavailable, "simulated");
    // Who overwrites a mark that it has not seen wins for a moment only: the other one, which goes on, leaves
    // its mark again.
    if (it->second.mark == it->second.shown) it->second.mark = it->second.shown = std::move(mark);
    if (random_.unit() < faults.after)
        co_return fail(Verdict::retry, Cause::timeout, "simulated: the answer was lost");
    co_return success();
}

Task<> Target::land_later(CollectionName collection, SinkOperation operation, std::uint64_t connection) {
    co_await clock_.sleep(Duration(random_.below(static_cast<std::uint64_t>(faults.latest.count()))));
    if (connection == connection_) land(collection, operation);
}

void Target::hang_up() {
    ++connection_;
    on_wire_.clear();
}

Task<> Target::join() {
    late_.cancel();
    co_await late_.join();
}

/// The request takes its time; its points are on the wire until then, or until its sender hangs up.
Task<std::optional<Error>> Target::on_the_wire(const CollectionName& collection,
                                               const std::vector<SinkOperation>& operations) {
    struct Sent {
        Target& target;
        const CollectionName& collection;
        const std::vector<SinkOperation>& operations;
        std::uint64_t connection;
        Sent(Target& t, const CollectionName& c, const std::vector<SinkOperation>& o)
            : target(t), collection(c), operations(o), connection(t.connection_) {
            target.enter(collection, operations);
        }
        ~Sent() {
            if (connection == target.connection_) target.leave(collection, operations);
        }
        Sent(const Sent&) = delete;
        Sent& operator=(const Sent&) = delete;
    } sent(*this, collection, operations);
    co_return co_await visit(collection);
}

Task<std::vector<SinkOutcome>> Target::apply(CollectionName collection, std::vector<SinkOperation> operations,
                                             Deadline) {
    const auto connection = connection_;
    if (silent.contains(collection))
        violations.push_back(fmt::format("{} is written to while it is paused", collection.value()));
    auto away = co_await on_the_wire(collection, operations);
    const auto all = [&](const Error& e) { return std::vector<SinkOutcome>(operations.size(), fail(e)); };
    if (connection != connection_) co_return all(lost("simulated: another life"));
    if (away) co_return all(*away);
    if (collections.count(collection) == 0)
        co_return all({Verdict::retry, Cause::not_found, "simulated: no such collection", {}});
    double dice = random_.unit();
    const auto falls = [&](double share) { return (dice -= share) < 0; };
    if (falls(faults.before)) co_return all({Verdict::retry, Cause::unavailable, "simulated: refused", {}});
    if (falls(faults.busy))
        co_return all(
            {Verdict::retry, Cause::rate_limited, "simulated: 429", std::chrono::milliseconds(300)});
    const auto any_with = [&](const std::string& word) {
        const auto has = [&](const auto& w) { return w.payload.find(word) != std::string::npos; };
        return std::any_of(operations.begin(), operations.end(), [&](const SinkOperation& op) {
            return std::any_of(op.upserts.begin(), op.upserts.end(), has) ||
                   std::any_of(op.payloads.begin(), op.payloads.end(), has);
        });
    };
    if (any_with(poison)) co_return all({Verdict::reject, Cause::rejected, "simulated: 400", {}});
    if (read_only || any_with(sick)) co_return all(lost("simulated: 500"));
    if (falls(faults.lost)) co_return all(lost("simulated: never arrived"));
    if (falls(faults.after)) {
        for (const auto& op : operations) land(collection, op);
        co_return all(lost("simulated: the answer was lost"));
    }
    if (falls(faults.late)) {
        for (auto& op : operations) late_.spawn(land_later(collection, op, connection));
        co_return all(lost("simulated: it takes effect later"));
    }
    std::vector<SinkOutcome> outcomes;
    const auto& points = collections[collection].points;
    for (const auto& op : operations) {
        const bool missing = std::any_of(op.payloads.begin(), op.payloads.end(),
                                         [&](const auto& p) { return points.count(p.id) == 0; });
        if (missing) {
            outcomes.push_back(fail(Verdict::resync, Cause::not_found, "simulated: no point with id"));
            continue;
        }
        land(collection, op);
        outcomes.push_back(success());
    }
    co_return outcomes;
}

Task<Result<std::vector<HeldDocument>>> Target::lookup(CollectionName collection,
                                                       std::vector<DocumentKey> keys, Deadline) {
    if (auto e = co_await visit(collection)) co_return fail(*e);
    if (random_.unit() < faults.reads) co_return fail(Verdict::retry, Cause::timeout, "simulated");
    if (collections.count(collection) == 0)
        co_return fail(Verdict::retry, Cause::not_found, "simulated: no such collection");
    asked += keys.size();
    std::vector<HeldDocument> out(keys.size());
    std::map<DocumentKey, std::size_t> places;
    for (std::size_t i = 0; i < keys.size(); ++i) places[keys[i]] = i;
    for (const auto& [id, p] : collections[collection].points)
        if (const auto it = places.find(p.provenance.key); it != places.end())
            out[it->second].chunks.push_back({id, p.provenance});
    co_return out;
}

Task<Result<ScrollPage>> Target::scroll(CollectionName collection, std::optional<std::string> from,
                                        std::size_t limit, Deadline) {
    if (auto e = co_await visit(collection)) co_return fail(*e);
    if (random_.unit() < faults.reads) co_return fail(Verdict::retry, Cause::timeout, "simulated");
    if (collections.count(collection) == 0)
        co_return fail(Verdict::retry, Cause::not_found, "simulated: no such collection");
    ScrollPage page;
    const auto& points = collections[collection].points;
    for (auto it = points.lower_bound(PointId(from.value_or(""))); it != points.end(); ++it) {
        if (page.chunks.size() == limit) {
            page.next = it->first.value();
            break;
        }
        page.chunks.push_back({it->first, it->second.provenance});
    }
    co_return page;
}

Task<Result<std::uint64_t>> Target::count(CollectionName collection, Deadline) {
    if (auto e = co_await visit(collection)) co_return fail(*e);
    const auto it = collections.find(collection);
    if (it == collections.end())
        co_return fail(Verdict::retry, Cause::not_found, "simulated: no such collection");
    co_return it->second.points.size();
}

std::string Model::vector_of(const std::string& text) const {
    return "[" + std::to_string(digest_of(text + identity()).low % 1000003) + "]";
}

Task<Result<std::uint32_t>> Model::dimension(Deadline) {
    if (cut || down) co_return fail(Verdict::retry, Cause::unavailable, "simulated: the model is away");
    co_return 1u;
}

Task<Result<std::vector<EncodedVector>>> Model::embed(std::vector<std::string> texts, Deadline) {
    co_await clock_.sleep(
        Duration(random_.below(static_cast<std::uint64_t>(faults.longest_delay.count()) + 1)));
    if (cut || down || random_.unit() < faults.away)
        co_return fail(Verdict::retry, Cause::unavailable, "simulated: the model is away");
    if (random_.unit() < faults.wrong_size)
        co_return fail(Verdict::fatal, Cause::dimension_mismatch, "simulated: vectors of 2 numbers");
    if (random_.unit() < faults.busy) {
        Error e{Verdict::retry, Cause::rate_limited, "simulated: 429", std::chrono::milliseconds(200)};
        co_return fail(e);
    }
    for (const auto& t : texts) {
        if (t.find(poison) != std::string::npos)
            co_return fail(Verdict::reject, Cause::rejected, "simulated: 400");
        if (t.find(sick) != std::string::npos)
            co_return fail(Verdict::retry, Cause::unavailable, "simulated: 500");
    }
    std::vector<EncodedVector> out;
    for (const auto& t : texts) out.push_back({vector_of(t), 1});
    embedded += texts.size();
    if (random_.unit() < faults.short_reply) out.pop_back();
    co_return out;
}

}  // namespace halcyon::simulation
