#include "qdrant/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include "base/log.hpp"
#include "qdrant/json.hpp"
#include "qdrant/outcomes.hpp"
#include "qdrant/write_protocol.hpp"

namespace halcyon::qdrant {

namespace {

[[maybe_unused]] bool touches_each_point_once(const std::vector<SinkOperation>& operations) {
    std::unordered_set<std::string_view> seen;
    const auto first = [&](const PointId& id) { return seen.insert(id.value()).second; };
    for (const auto& op : operations) {
        for (const auto& u : op.upserts)
            if (!first(u.id)) return false;
        for (const auto& p : op.payloads)
            if (!first(p.id)) return false;
        for (const auto& r : op.removes)
            if (!first(r)) return false;
    }
    return true;
}

std::uint32_t highest_epoch(const std::vector<SinkOperation>& operations) {
    std::uint32_t epoch = 0;
    for (const auto& op : operations) {
        for (const auto& u : op.upserts) epoch = std::max(epoch, u.provenance.version.epoch);
        for (const auto& p : op.payloads) epoch = std::max(epoch, p.provenance.version.epoch);
    }
    return epoch;
}

}  // namespace

struct Writer::Run {
    std::shared_ptr<Collection> collection;
    std::vector<SinkOperation> operations;
    Deadline deadline;
    ProvenanceEncoder encoder;
    Outcomes outcomes;
    Ceiling ceiling;

    void failed(const std::vector<Part>& parts, const Error& error) {
        Collections::learn(*collection, error);
        outcomes.stop(error);
        for (const auto& part : parts) outcomes.failed(part.operation, error);
    }
    // What of a request is to be sent; marks the rest.
    std::vector<Part> next(const std::vector<Part>& request) {
        auto parts = outcomes.still_good(request);
        if (!outcomes.stopped()) return parts;
        for (const auto& part : parts) outcomes.unsent(part.operation);
        return {};
    }
};

Task<std::vector<SinkOutcome>> Writer::apply(CollectionName name, std::vector<SinkOperation> operations,
                                             Deadline deadline) {
    assert(touches_each_point_once(operations));
    const auto count = operations.size();
    auto collection = co_await collections_->get(name, deadline);
    if (!collection) co_return std::vector<SinkOutcome>(count, fail(std::move(collection).error()));
    const auto& options = api_->options();
    const auto points = collection.value()->info.upsert_points.value_or(options.request_points);
    auto run = std::make_shared<Run>(
        Run{.collection = collection.value(),
            .operations = std::move(operations),
            .deadline = deadline,
            .encoder = ProvenanceEncoder(std::move(name)),
            .outcomes = Outcomes(count),
            .ceiling = {options.request_bytes, std::clamp<std::size_t>(points, 1, options.request_points)}});
    auto raised = co_await raise_epoch(run);
    if (!raised) co_return std::vector<SinkOutcome>(count, fail(std::move(raised).error()));
    co_await upsert(run);
    co_await overwrite(run);
    co_await remove(run);
    co_return run->outcomes.take();
}

// Before the first point of an epoch, so that a lost state folder finds the highest one.
Task<Result<>> Writer::raise_epoch(std::shared_ptr<Run> run) {
    auto identity = run->collection->info.halcyon;
    const auto epoch = highest_epoch(run->operations);
    if (epoch <= identity.epoch || identity.identity.empty()) co_return success();
    identity.epoch = epoch;
    auto body = co_await api_->ask(
        {"PATCH", "/collections/" + path_segment(run->collection->physical), metadata_body(identity)},
        api_->bounded_admin(run->deadline));
    if (!body) {
        const auto& e = body.error();
        if (e.cause != Cause::unauthorized && e.verdict != Verdict::reject) {
            Collections::learn(*run->collection, e);
            co_return fail(e);
        }
        log::warn("qdrant", "collection `{}`: epoch {} can't be noted in its metadata: {}",
                  run->collection->physical, epoch, describe(e));
    }
    auto& known = run->collection->info.halcyon.epoch;
    known = std::max(known, epoch);
    co_return success();
}

Task<Answer> Writer::send(std::shared_ptr<Run> run, const char* method, const char* suffix,
                          std::string body) {
    const auto by = api_->bounded(run->deadline);
    const auto target = write_target(
        run->collection->physical, suffix,
        {api_->timeout_s(by, run->collection->info.timeout_s), collections_->ordering(*run->collection)});
    co_return co_await api_->exchange({method, target, std::move(body)}, by);
}

Task<> Writer::upsert(std::shared_ptr<Run> run) {
    std::vector<std::vector<std::size_t>> sizes;
    for (const auto& op : run->operations) {
        auto& own = sizes.emplace_back();
        for (const auto& u : op.upserts) own.push_back(bytes_of(u, run->collection->vector_name));
    }
    for (const auto& request : pack(sizes, run->ceiling)) {
        const auto parts = run->next(request);
        if (parts.empty()) continue;
        std::vector<const PointWrite*> points;
        for (const auto& part : parts)
            for (std::size_t i = 0; i < part.count; ++i)
                points.push_back(&run->operations[part.operation].upserts[part.first + i]);
        auto body = upsert_body(points, run->encoder, run->collection->vector_name);
        const auto answer = co_await send(run, "PUT", "", std::move(body));
        if (const auto verdict = judge(Call::write, answer); !verdict) {
            run->failed(parts, verdict.error());
        } else {
            for (const auto& part : parts) run->outcomes.touched(part.operation);
        }
    }
}

namespace {

struct PayloadItem {
    std::size_t operation = 0;
    const PayloadWrite* write = nullptr;
};

// What is left to send after a reply to a batch of payloads; notes the fate of all others.
template <class Run>
std::vector<PayloadItem> settle(Run& run, const std::vector<PayloadItem>& sent, const Answer& answer) {
    std::vector<PayloadItem> rest;
    auto verdict = judge(Call::write, answer);
    const auto statuses =
        answer.status == 200 ? parse_update(answer.body) : std::optional<std::vector<UpdateStatus>>();
    if (statuses && statuses->size() == sent.size()) {
        if (!verdict) run.outcomes.stop(verdict.error());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            if ((*statuses)[i] == UpdateStatus::completed) {
                run.outcomes.touched(sent[i].operation);
            } else {
                run.outcomes.failed(sent[i].operation, verdict.error());
            }
        }
        return rest;
    }
    if (verdict) verdict = fail(Verdict::retry, Cause::in_doubt, "a batch was answered in part");
    const auto& error = verdict.error();
    auto culprit = sent.end();
    if (error.verdict == Verdict::resync) {
        const auto id = missing_point(error.context);
        culprit = std::find_if(sent.begin(), sent.end(),
                               [&](const PayloadItem& item) { return id && item.write->id.value() == *id; });
    }
    if (culprit == sent.end()) {
        auto all = error;
        if (all.verdict == Verdict::resync) all.verdict = Verdict::retry, all.cause = Cause::in_doubt;
        std::vector<Part> parts;
        for (const auto& item : sent) parts.push_back({item.operation, 0, 1});
        run.failed(parts, all);
        return rest;
    }
    // Qdrant stops at the failing operation: those before it are applied, those after it are not.
    for (auto item = sent.begin(); item != culprit; ++item) run.outcomes.touched(item->operation);
    run.outcomes.failed(culprit->operation, error);
    for (auto item = culprit + 1; item != sent.end(); ++item)
        if (item->operation != culprit->operation) rest.push_back(*item);
    return rest;
}

}  // namespace

Task<> Writer::overwrite(std::shared_ptr<Run> run) {
    std::vector<std::vector<std::size_t>> sizes;
    for (const auto& op : run->operations) {
        auto& own = sizes.emplace_back();
        for (const auto& p : op.payloads) own.push_back(bytes_of(p));
    }
    for (const auto& request : pack(sizes, run->ceiling)) {
        std::vector<PayloadItem> items;
        for (const auto& part : run->next(request))
            for (std::size_t i = 0; i < part.count; ++i)
                items.push_back({part.operation, &run->operations[part.operation].payloads[part.first + i]});
        while (!items.empty()) {
            std::vector<const PayloadWrite*> writes;
            for (const auto& item : items) writes.push_back(item.write);
            auto body = payload_body(writes, run->encoder);
            const auto answer = co_await send(run, "POST", "/batch", std::move(body));
            items = settle(*run, items, answer);
        }
    }
}

Task<> Writer::remove(std::shared_ptr<Run> run) {
    std::vector<std::vector<std::size_t>> sizes;
    for (const auto& op : run->operations) sizes.emplace_back(op.removes.size(), bytes_of_id);
    for (const auto& request : pack(sizes, {run->ceiling.bytes, run->ceiling.bytes})) {
        const auto parts = run->next(request);
        if (parts.empty()) continue;
        std::vector<const PointId*> ids;
        for (const auto& part : parts)
            for (std::size_t i = 0; i < part.count; ++i)
                ids.push_back(&run->operations[part.operation].removes[part.first + i]);
        const auto answer = co_await send(run, "POST", "/delete", delete_body(ids));
        if (const auto verdict = judge(Call::write, answer); !verdict) {
            run->failed(parts, verdict.error());
        } else {
            for (const auto& part : parts) run->outcomes.touched(part.operation);
        }
    }
}

}  // namespace halcyon::qdrant
