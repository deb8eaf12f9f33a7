#include "jobs/backfills.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"

namespace halcyon::jobs {
namespace {

using std::chrono::seconds;

constexpr auto store_every = seconds(1);
constexpr auto sample_every = seconds(1);
constexpr std::size_t samples_kept = 10;
constexpr std::string_view route_waits = "waiting";
constexpr std::string_view route_runs = "running";
constexpr std::string_view route_done = "done";
constexpr std::string_view route_cancelled = "cancelled";

bool has_ended(const Job::RouteProgress& r) { return r.state == route_done || r.state == route_cancelled; }

void add(JobCost& to, const pipeline::RoutePlan& p) {
    to.documents += p.documents, to.unchanged += p.unchanged, to.payload_only += p.payload_only;
    to.embed += p.embed, to.remove += p.remove, to.texts += p.texts;
    to.characters += p.characters, to.requests += p.requests;
}

auto wrong_state(const Job& job, std::string_view act) {
    return fail(Verdict::reject, Cause::conflict,
                fmt::format("{} is {} and cannot be {}", job.id, to_string(job.state), act));
}

}  // namespace

Backfills::Backfills(pipeline::Orders& orders) : orders_(orders) {
    orders_.run.committer.add_contributor(this);
    orders_.on_notes = [this](const pipeline::Notes& stored) { load(stored); };
    orders_.jobs = [this] { return run(); };
    orders_.on_overtake = [this](const Namespace* from, const CollectionName* to) { forget(from, to); };
}

Backfills::~Backfills() {
    orders_.on_notes = nullptr;
    orders_.jobs = nullptr;
    orders_.on_overtake = nullptr;
    orders_.run.committer.remove_contributor(this);
}

std::vector<Job> Backfills::jobs() const {
    std::vector<Job> out;
    for (const auto& e : entries_) out.push_back(current(*e).job);
    std::sort(out.begin(), out.end(), newer);
    return out;
}

Record Backfills::current(const Entry& e) const {
    auto out = e.record;
    auto& job = out.job;
    for (std::size_t i = 0; i < e.runs.size(); ++i) {
        const auto* scan = e.runs[i].scan.get();
        if (scan == nullptr) continue;
        job.routes[i].scanned = scan->progress().scanned;
        job.routes[i].estimate = std::max(scan->progress().estimate, scan->progress().scanned);
        if (!job.request.dry_run && !scan->position().ranges.empty()) out.progress[i] = scan->position();
    }
    if (!job.request.dry_run) job.result = *e.result;
    if (job.state != JobState::running) return out;
    job.waits_for = waits_for(e);
    if (e.samples.size() > 1) {
        const auto& [since, before] = e.samples.front();
        const auto& [last, after] = e.samples.back();
        const auto passed = std::chrono::duration<double>(last - since).count();
        if (after > before && passed > 0) job.rate = static_cast<double>(after - before) / passed;
    }
    return out;
}

/// As long as one of its routes goes on, it waits for nothing.
std::string Backfills::waits_for(const Entry& e) const {
    if (!started_) return "it is starting";
    std::string why;
    for (const auto& r : e.runs) {
        if (!r.scan) continue;
        auto waits = r.scan->waits_for.empty() ? r.scan->held_by() : r.scan->waits_for;
        if (waits.empty()) return {};
        if (why.empty()) why = std::move(waits);
    }
    return why;
}

std::vector<Backfills::Edge> Backfills::edges_of(const BackfillRequest& q) const {
    auto out = orders_.edges();
    std::erase_if(out, [&](const Edge& e) {
        return (q.collection && e.to != *q.collection) || (q.ns && e.from != *q.ns);
    });
    return out;
}

pipeline::ScanOrder Backfills::order_of(const Entry& e) const {
    const auto& q = e.record.job.request;
    pipeline::ScanOrder order;
    order.by = e.record.job.id;
    order.force = q.mode == BackfillMode::full;
    order.missing_only = q.mode == BackfillMode::skip_if_exists;
    order.count_only = q.dry_run;
    order.max_pending = q.max_pending;
    order.result = e.result;
    return order;
}

/// That of the job that ended first, if all are taken; its record goes.
std::optional<std::size_t> Backfills::free_slot() {
    for (std::size_t slot = 0; slot < slots; ++slot)
        if (std::none_of(entries_.begin(), entries_.end(), [&](const auto& e) { return e->slot == slot; }))
            return slot;
    const auto before = [](const EntryPtr& a, const EntryPtr& b) {
        const auto& x = a->record.job;
        const auto& y = b->record.job;
        if (ended(x.state) != ended(y.state)) return ended(x.state);
        return x.ended < y.ended;
    };
    const auto oldest = std::min_element(entries_.begin(), entries_.end(), before);
    if (!ended((*oldest)->record.job.state)) return std::nullopt;
    const auto slot = (*oldest)->slot;
    entries_.erase(oldest);
    return slot;
}

/// "20261128-010203-a1b2"
std::string Backfills::new_id() const {
    const auto t = rfc3339(now());
    return fmt::format("{}{}{}-{}{}{}-{:04x}", t.substr(0, 4), t.substr(5, 2), t.substr(8, 2),
                       t.substr(11, 2), t.substr(14, 2), t.substr(17, 2),
                       orders_.run.ports.random.next() & 0xffff);
}

Backfills::EntryPtr Backfills::find(const std::string& id) const {
    const auto at =
        std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e->record.job.id == id; });
    return at == entries_.end() ? nullptr : *at;
}

std::optional<Error> Backfills::not_now() const {
    if (started_ && !orders_.run.stopping) return std::nullopt;
    return Error{Verdict::retry, Cause::unavailable, started_ ? "it is stopping" : "it is starting", {}};
}

Task<Result<Job>> Backfills::start(BackfillRequest request) {
    if (auto why = not_now()) co_return fail(std::move(*why));
    const auto edges = edges_of(request);
    if (edges.empty()) co_return fail(Verdict::reject, Cause::not_found, "no such route");
    for (const auto& e : entries_) {
        const auto& other = e->record.job;
        if (ended(other.state)) continue;
        for (const auto& r : other.routes)
            if (std::find(edges.begin(), edges.end(), Edge{r.from, r.to}) != edges.end())
                co_return fail(Verdict::reject, Cause::conflict, other.id);
    }
    const auto slot = free_slot();
    if (!slot)
        co_return fail(Verdict::reject, Cause::rejected,
                       fmt::format("{} jobs have not ended: cancel one first", slots));
    auto entry = std::make_shared<Entry>();
    entry->slot = *slot;
    auto& job = entry->record.job;
    do job.id = new_id();
    while (find(job.id));
    job.request = std::move(request);
    job.created = job.started = job.updated = now();
    for (const auto& edge : edges) {
        job.routes.push_back({edge.from, edge.to, std::string(route_waits), 0, 0});
        entry->record.progress.emplace_back();
        entry->runs.emplace_back();
    }
    entries_.push_back(entry);
    log::info("jobs", "{}: backfill, {}{}, {} routes", job.id, to_string(job.request.mode),
              job.request.dry_run ? " (dry run)" : "", edges.size());
    // Should the caller be gone before that is stored: it is under way all the same.
    begin(entry);
    HALCYON_CO_TRY(co_await keep(entry));
    co_return current(*entry).job;
}

Task<Result<Job>> Backfills::act(std::string id, Act what) {
    if (auto why = not_now()) co_return fail(std::move(*why));
    const auto entry = find(id);
    if (!entry) co_return fail(Verdict::reject, Cause::not_found, "no such job");
    auto& job = entry->record.job;
    if (ended(job.state)) co_return wrong_state(job, "changed");
    switch (what) {
        case Act::pause:
            if (job.state == JobState::paused) co_return wrong_state(job, "paused");
            job.state = JobState::paused;
            break;
        case Act::resume:
            if (job.state == JobState::running) co_return wrong_state(job, "resumed");
            job.state = JobState::running;
            break;
        case Act::cancel:
            job.state = JobState::cancelled;
            job.ended = now();
            break;
    }
    log::info("jobs", "{}: {} by an operator", id, to_string(job.state));
    entry->samples.clear();
    if (what == Act::resume)
        begin(entry);
    else
        for (auto& r : entry->runs)
            if (r.pass) r.pass->cancel();
    if (what == Act::cancel) {
        // Of one that was paused before, works may still wait.
        for (auto& r : entry->runs)
            if (r.scan) orders_.give_up(*r.scan);
        for (auto& r : job.routes) {
            if (has_ended(r)) continue;
            r.state = route_cancelled;
            if (!job.request.dry_run) orders_.abandon({r.from, r.to});
        }
    }
    HALCYON_CO_TRY(co_await keep(entry));
    co_return current(*entry).job;
}

Task<Result<>> Backfills::keep(EntryPtr entry) {
    entry->record.job.updated = now();
    entry->stored = encode(current(*entry));
    entry->stored_at = orders_.run.ports.clock.now();
    Commit commit;
    commit.notes.emplace_back(note_of(entry->slot), entry->stored);
    return orders_.run.committer.commit_now(std::move(commit), Durability::synced);
}

/// Progress is stored with what it stands on, or later; not with each commit, since it is some hundred bytes.
void Backfills::contribute(Commit& commit) {
    const auto at = orders_.run.ports.clock.now();
    for (const auto& e : entries_) {
        auto& job = e->record.job;
        const bool due = e->stored_at == Instant{} || at - e->stored_at >= store_every;
        if (ended(job.state) || !due) continue;
        e->stored_at = at;
        if (encode(current(*e)) == e->stored) continue;
        job.updated = now();
        e->stored = encode(current(*e));
        commit.notes.emplace_back(note_of(e->slot), e->stored);
    }
}

/// In the batch that says why: no life goes on from what was read before.
void Backfills::forget(const Namespace* from, const CollectionName* to) {
    for (const auto& e : entries_)
        for (std::size_t i = 0; i < e->runs.size(); ++i) {
            const auto& r = e->record.job.routes[i];
            if ((from && r.from != *from) || (to && r.to != *to) || has_ended(r)) continue;
            e->record.progress[i].reset();
            e->stored_at = {};
        }
}

void Backfills::load(const pipeline::Notes& stored) {
    for (auto& [slot, record] : records_of(stored)) {
        auto entry = std::make_shared<Entry>();
        entry->slot = slot;
        entry->runs.resize(record.job.routes.size());
        entry->record = std::move(record);
        auto& job = entry->record.job;
        if (job.result) *entry->result = *job.result;
        // What was counted is forgotten.
        if (job.request.dry_run && !ended(job.state)) job.cost.reset();
        if (!ended(job.state))
            for (std::size_t i = 0; i < job.routes.size(); ++i) {
                auto& r = job.routes[i];
                if (job.request.dry_run) r = {r.from, r.to, std::string(route_waits), 0, 0};
                if (has_ended(r) || orders_.routed({r.from, r.to})) continue;
                r.state = route_cancelled;
                job.error = fmt::format("no route leads from {} to {} any more", r.from.text(), r.to.value());
            }
        entries_.push_back(std::move(entry));
    }
}

Task<> Backfills::run() {
    started_ = true;
    std::set<Edge> continued;
    for (const auto& e : entries_)
        for (const auto& r : e->record.job.routes)
            if (!ended(e->record.job.state) && !e->record.job.request.dry_run && !has_ended(r))
                continued.insert({r.from, r.to});
    orders_.abandon_all_but(continued);
    for (const auto& e : std::vector(entries_))
        if (e->record.job.state == JobState::running) begin(e);
    for (;;) {
        co_await orders_.run.ports.clock.sleep(sample_every);
        sample();
    }
}

void Backfills::sample() {
    for (const auto& e : entries_) {
        if (e->record.job.state != JobState::running) continue;
        e->samples.emplace_back(orders_.run.ports.clock.now(), current(*e).job.scanned());
        if (e->samples.size() > samples_kept) e->samples.pop_front();
    }
}

void Backfills::begin(const EntryPtr& entry) {
    std::set<CollectionName> open;
    for (const auto& r : entry->record.job.routes)
        if (!has_ended(r)) open.insert(r.to);
    for (const auto& to : open)
        if (entry->chains.insert(to).second) orders_.run.readers.spawn(chain(entry, to));
    if (open.empty() && entry->chains.empty()) orders_.run.readers.spawn(finish(entry));
}

Task<> Backfills::chain(EntryPtr entry, CollectionName to) {
    const auto& job = entry->record.job;
    for (std::size_t i = 0; i < job.routes.size(); ++i)
        while (job.routes[i].to == to && job.state == JobState::running && !has_ended(job.routes[i]))
            co_await drive(entry, i);
    entry->chains.erase(to);
    const bool all = std::all_of(job.routes.begin(), job.routes.end(), has_ended);
    if (job.state == JobState::running && all && entry->chains.empty()) co_await finish(entry);
}

/// One go at a route: until it is complete, was overtaken, or the job does not run any more.
Task<> Backfills::drive(EntryPtr entry, std::size_t i) {
    auto& job = entry->record.job;
    auto& route = job.routes[i];
    auto& r = entry->runs[i];
    route.state = route_runs;
    if (!r.scan) r.scan = orders_.make({route.from, route.to}, order_of(*entry));
    r.whole = false;
    r.pass = std::make_unique<async::TaskGroup>(orders_.run.executor);
    r.pass->spawn(pass(entry, i));
    co_await r.pass->join();
    const auto scan = r.scan;
    scan->withdraw();
    scan->waits_for.clear();
    if (job.state == JobState::cancelled) orders_.give_up(*scan);
    // Overtaken: what it has read counts no more.
    if (!r.whole && job.state == JobState::running) entry->record.progress[i].reset();
    co_await orders_.settle(scan, r.whole);
    const auto now_known = current(*entry);
    route.scanned = now_known.job.routes[i].scanned;
    route.estimate = now_known.job.routes[i].estimate;
    entry->record.progress[i] = now_known.progress[i];
    // What was under way when it was paused has moved on since; nobody may store anything for long.
    if (job.state == JobState::paused) (void)co_await keep(entry);
    if (!r.whole) co_return;
    if (const auto counted = scan->counted()) {
        if (!job.cost) job.cost.emplace();
        add(*job.cost, *counted);
    }
    entry->record.progress[i].reset();
    r.scan.reset();
    if (!ended(job.state)) route.state = route_done;
}

Task<> Backfills::pass(EntryPtr entry, std::size_t i) {
    auto& r = entry->runs[i];
    r.whole = co_await orders_.pass(r.scan.get(), entry->record.progress[i], r.pass.get());
}

Task<> Backfills::finish(EntryPtr entry) {
    auto& job = entry->record.job;
    if (job.state != JobState::running) co_return;
    job.state = job.error.empty() ? JobState::done : JobState::failed;
    job.ended = now();
    log::info("jobs", "{}: {}{}", job.id, to_string(job.state), job.error.empty() ? "" : ": " + job.error);
    (void)co_await keep(entry);  // if that fails the run ends with the reason
}

}  // namespace halcyon::jobs
