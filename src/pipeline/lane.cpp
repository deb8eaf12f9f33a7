#include "pipeline/lane.hpp"

#include <utility>

#include "base/log.hpp"
#include "pipeline/planned.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t plan_batch = 256;

}  // namespace

Receipt wreckage(const HeldDocument& held) {
    Receipt r;
    for (const auto& c : held.chunks) {
        r.chunks = std::max({r.chunks, c.provenance.chunk + 1, c.provenance.chunks});
        r.version = std::max(r.version, c.provenance.version);
    }
    return r;
}

bool half_written(const Receipt& held) { return !held.deleted && held.text == Digest{}; }

Receipt remembered(Receipt held) {
    if (half_written(held)) held.version = held.version.before();
    return held;
}

Lane::Lane(async::TaskGroup& group, async::Executor executor, const Ports& ports,
           const PipelineOptions& options, const CollectionOptions& collection, EmbedStage& embed,
           Committer& committer, const DeadNamespaces& dead)
    : group_(group),
      ports_(ports),
      options_(options),
      collection_(collection),
      embed_(embed),
      committer_(committer),
      dead_(dead),
      breaker_({}),
      plan_wake_(executor),
      write_wake_(executor) {}

void Lane::admit(Work work) {
    auto ready = sequencer_.admit(std::move(work));
    if (!ready) return;
    queue_of(*ready).push_back(std::move(*ready));
    plan_wake_.notify();
}

const render::Route* Lane::route(const Namespace& ns) const {
    const auto it = routes_.find(ns);
    return it == routes_.end() ? nullptr : &it->second;
}

CollectionFlow Lane::flow() const {
    CollectionFlow f{stream_.size() + background_.size(), embedding_.size(), queue_.size(), on_wire_.size(),
                     doubtful_.size()};
    f.to_write += held_back_.size();
    for (const auto& batch : suspects_) f.to_write += batch.size();
    return f;
}

void Lane::wake() {
    plan_wake_.notify();
    write_wake_.notify();
}

bool Lane::something_to_plan() const {
    return !stream_.empty() || (!background_.empty() && !(scans_held && scans_held()));
}

std::vector<Work> Lane::take_ready() {
    std::vector<Work> works;
    std::size_t bytes = 0;
    for (auto* queue : {&stream_, &background_}) {
        // Who wants nothing asks nobody.
        if (queue == &background_ && !queue->empty() && scans_held && scans_held()) break;
        while (!queue->empty() && works.size() < plan_batch &&
               (works.empty() || planned_bytes_ + bytes < options_.planned_bytes)) {
            // Text, payload and vector: a fair guess before rendering.
            bytes += queue->front().document.size() * 2 + collection_.spec.dimension * 12;
            works.push_back(std::move(queue->front()));
            queue->pop_front();
        }
    }
    return works;
}

void Lane::put_back(std::vector<Work> works) {
    for (auto it = works.rbegin(); it != works.rend(); ++it) queue_of(*it).push_front(std::move(*it));
}

Task<> Lane::plan_loop() {
    for (;;) {
        while (!may_work() || !something_to_plan() || planned_bytes_ >= options_.planned_bytes)
            co_await plan_wake_.wait();
        const auto began = ports_.clock.now();
        auto works = take_ready();
        std::vector<std::optional<Receipt>> held(works.size());
        std::vector<ReceiptKey> keys;
        std::vector<std::size_t> places;
        const auto reading = committer_.reading();
        for (std::size_t i = 0; i < works.size(); ++i) {
            ReceiptKey key{name(), works[i].key};
            // Before the read: a receipt that leaves the overlay meanwhile is stored, and the read sees it.
            if (const auto* r = committer_.confirmed(key)) {
                held[i] = *r;
            } else {
                keys.push_back(std::move(key));
                places.push_back(i);
            }
        }
        if (!keys.empty()) {
            auto stored = co_await ports_.state.receipts(std::move(keys));
            if (stored.has_error()) {
                if (on_fatal) on_fatal(stored.error());
                co_return;
            }
            for (std::size_t i = 0; i < places.size(); ++i) held[places[i]] = stored.value()[i];
        }
        for (std::size_t i = 0; i < works.size(); ++i) {
            works[i].earlier = {true, held[i]};
            works[i].reading = reading;
        }
        distrusted(works, held);
        if (!co_await ask(works, held)) continue;
        if (!open_) {
            put_back(
                std::move(works));  // shut meanwhile: what was read of the receipts may not be true any more
            continue;
        }
        for (std::size_t i = 0; i < works.size(); ++i) {
            if (works[i].origin == Work::Origin::scan && scans_held && scans_held())
                queue_of(works[i]).push_back(std::move(works[i]));
            else
                consider(std::move(works[i]), held[i]);
        }
        if (times) times->plan.record(ports_.clock.now() - began);
    }
}

void Lane::distrusted(std::vector<Work>& works, const std::vector<std::optional<Receipt>>& held) const {
    for (std::size_t i = 0; i < works.size(); ++i) {
        auto& work = works[i];
        // A receipt from before the namespace died: its points may have been swept already.
        const bool buried =
            held[i] && work.origin != Work::Origin::sweep && dead_.covers(work.key.ns, held[i]->version);
        // What does not come by the stream may overtake what is replayed of its key.
        const bool overtakes = work.origin != Work::Origin::stream && replaying && replaying();
        // What was left half written is known to be something else by now.
        const bool left = held[i] && half_written(*held[i]);
        work.ask = work.ask || distrust.of(work.key) || buried || overtakes || left;
    }
}

/// Replaces the receipts of the works that ask by what Qdrant holds. False: it cannot be asked now, and every
/// work is back in its queue.
Task<bool> Lane::ask(std::vector<Work>& works, std::vector<std::optional<Receipt>>& held) {
    std::vector<DocumentKey> keys;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < works.size(); ++i) {
        if (!works[i].ask) continue;
        // A receipt that is newer decides without an answer, and is not one.
        works[i].ask = !(held[i] && !half_written(*held[i]) && held[i]->version > works[i].version);
        if (!works[i].ask) continue;
        keys.push_back(works[i].key);
        places.push_back(i);
    }
    if (keys.empty()) co_return true;
    auto found = co_await ports_.sink.lookup(name(), std::move(keys),
                                             Deadline::in(ports_.clock, options_.read_timeout));
    if (found.has_error()) {
        // Law 6: a Qdrant that cannot be asked is waited for.
        away(found.error());
        put_back(std::move(works));
        while (open_ && breaker_.open() && !breaker_.allows(ports_.clock.now())) {
            arm(breaker_.next_probe());
            co_await plan_wake_.wait();
        }
        co_return false;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& document = found.value()[i];
        auto receipt = document.receipt();
        if (!receipt && !document.chunks.empty()) receipt = wreckage(document);
        auto& known = held[places[i]];
        if (!receipt && known && known->deleted) receipt = known;
        if (receipt && known) receipt->embeddings = known->embeddings;
        known = receipt;
    }
    co_return true;
}

/// Scans pass by too many documents to tell of those that they leave as they are.
void Lane::tell(const Work& work, Happened what) const {
    const bool left =
        what == Happened::held_already || what == Happened::superseded || what == Happened::not_wanted;
    if (!recent || (left && work.origin == Work::Origin::scan)) return;
    recent->add(work.key, &collection_.spec.name, what, work.version, ports_.clock.wall());
}

void Lane::consider(Work work, std::optional<Receipt> held) {
    const bool dead = work.origin != Work::Origin::sweep && dead_.covers(work.key.ns, work.version);
    // A dead state that is replayed may have been written without a receipt, where no sweep would find it: it
    // is removed by what Qdrant says it holds.
    if (dead && !work.ask) {
        ++stats_.superseded;
        return conclude(work, std::nullopt);
    }
    if (work.unreadable && !dead) return bury(work, *work.unreadable, source_code(work.unreadable->cause));
    const auto* to = route(work.key.ns);
    render::Wanted wanted;
    if (!work.document.empty() && to && !dead) {
        auto rendered = to->want(work.document);
        if (rendered.has_error()) {
            if (work.ask && held && held->chunks > 0) leave_wreckage(work, held->chunks);
            return bury(work, rendered.error(), document_code(rendered.error().cause));
        }
        wanted = std::move(rendered.value());
    }
    work.embeddings = held ? held->embeddings : 0;
    // Whatever is held is not what an operator wants there.
    if (work.force && held && !held->deleted) held->text = {};
    const auto action = plan(work.version, wanted, held);
    if (log::enabled(log::Level::debug))
        log::debug("plan", "{} {} {} at {}: {}{}", name().value(), work.key.ns.text(), work.key.id.display(),
                   work.version.text(), to_string(action), work.ask ? " (asked)" : "");
    switch (action) {
        case Action::superseded:
            ++stats_.superseded;
            tell(work, Happened::superseded);
            if (!work.ask) return conclude(work, std::nullopt);
            // What is half written and newer may come again as this very work (it was read by its key): what
            // it was to be is read by the key once more.
            if (half_written(*held)) return owe_and_release(work);
            // What Qdrant was found to hold is newer than what is stored: remember it.
            return conclude(work, held);
        case Action::skip: {
            ++stats_.skipped;
            if (work.result) ++work.result->unchanged;
            tell(work, Happened::held_already);
            auto receipt = *held;
            receipt.version = work.version;
            tell(work.key,
                 work.origin == Work::Origin::owed ? StatusBook::News::synced : StatusBook::News::unchanged);
            return conclude(work, receipt);
        }
        case Action::tombstone: {
            tell(work, Happened::not_wanted);
            // A scan that passes by a document that is not wanted leaves no trace, or every scan would write
            // one for each; unless an event became part of it, whose trace this is.
            if (!held && work.origin == Work::Origin::scan && work.tickets.size() == 1 &&
                !sequencer_.has_joined(work.key))
                return conclude(work, std::nullopt);
            Receipt receipt;
            receipt.version = work.version;
            receipt.deleted = true;
            receipt.at = ports_.clock.wall();
            receipt.embeddings = work.embeddings;
            return conclude(work, receipt);
        }
        case Action::overwrite_payload:
        case Action::embed_and_upsert:
        case Action::remove:
            break;
    }
    auto planned = std::make_shared<Planned>();
    planned->work = std::move(work);
    planned->action = action;
    planned->wanted = std::move(wanted);
    planned->held = held && !held->deleted ? held->chunks : 0;
    if (to) {
        planned->route = *to;
        planned->fingerprint = to->fingerprint();
    }
    start(std::move(planned));
}

void Lane::start(PlannedPtr planned) {
    auto& p = *planned;
    p.serial = ++serial_;
    if (p.action == Action::embed_and_upsert) {
        p.chunks = p.route->chunks(p.wanted.text);
        p.total = static_cast<std::uint32_t>(p.chunks.size());
    } else if (p.action == Action::overwrite_payload) {
        p.total = p.count = p.held;
        if (p.route->options().chunk && !p.route->options().chunk->text_as.empty())
            p.texts = p.route->chunks(p.wanted.text);
    }
    const auto window = std::min<std::size_t>(std::max<std::size_t>(p.total, 1), options_.window_chunks);
    p.bytes =
        p.wanted.text.size() + window * (p.wanted.payload.size() + collection_.spec.dimension * 12 + 512);
    planned_bytes_ += p.bytes;
    if (p.action == Action::embed_and_upsert) {
        p.wanted.text.clear();
        p.wanted.text.shrink_to_fit();
        begin_window(planned);
    } else {
        queue_write(std::move(planned));
    }
}

void Lane::begin_window(const PlannedPtr& planned) {
    auto& p = *planned;
    p.count = static_cast<std::uint32_t>(std::min<std::size_t>(p.total - p.first, options_.window_chunks));
    p.vectors.assign(p.count, {});
    p.texts.clear();
    p.jobs.clear();
    p.outstanding = p.count;
    embedding_.emplace(p.serial, planned);
    const bool keep = p.route->options().chunk && !p.route->options().chunk->text_as.empty();
    if (p.work.origin != Work::Origin::stream && on_scan_embedding) on_scan_embedding(p.count);
    for (std::uint32_t i = 0; i < p.count; ++i) {
        auto& text = p.chunks[p.first + i];
        if (keep) p.texts.push_back(text);
        auto job = std::make_shared<EmbedStage::Job>();
        job->text = std::move(text);
        // embedding_ owns the planned work; the job must not, or the two would keep each other alive.
        job->done = [this, weak = std::weak_ptr(planned), i](Result<EncodedVector> v) {
            if (const auto p = weak.lock()) embedded(p, i, std::move(v));
        };
        p.jobs.push_back(job);
    }
    for (auto jobs = p.jobs; auto& job : jobs) embed_.submit(std::move(job));
}

void Lane::embedded(const PlannedPtr& planned, std::size_t index, Result<EncodedVector> vector) {
    auto& p = *planned;
    if (vector.has_error()) {
        for (auto& job : p.jobs) job->abandoned = true;
        embedding_.erase(p.serial);
        if (died(planned)) return;
        if (p.action != Action::embed_and_upsert) return queue_write(planned);
        dissolve(planned);
        const auto& error = vector.error();
        if (error.verdict == Verdict::reject) {
            leave_wreckage(p);
            return bury(p.work, error, embedding_code(error.cause));
        }
        leave_doubt(p);
        for (auto& t : sequencer_.take_joined(p.work.key)) p.work.tickets.push_back(std::move(t));
        failed_attempt(p.work, error, embedding_code(error.cause));
        return release(p.work.key);
    }
    ++stats_.embedded;
    p.vectors[index] = share(std::move(vector.value()));
    if (--p.outstanding > 0) return;
    p.jobs.clear();
    embedding_.erase(p.serial);
    queue_write(planned);
}

}  // namespace halcyon::pipeline
