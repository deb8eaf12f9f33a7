#include "simulation/world/world.hpp"

#include <fmt/format.h>

#include "async/task_group.hpp"
#include "base/log.hpp"
#include "jobs/backfills.hpp"
#include "simulation/world/source_ports.hpp"

namespace halcyon::simulation {
namespace {

const Namespace items{"shop", "items"};
const Namespace notes{"shop", "notes"};
const Namespace elsewhere{"config", "noop"};
const CollectionName alpha{"alpha"};
const CollectionName beta{"beta"};

Task<> live(pipeline::Pipeline* pipeline, std::optional<Result<>>* outcome) {
    *outcome = co_await pipeline->run();
}
Task<> close(Disk* disk) {
    if ((co_await disk->close()).has_error()) disk->cut(false);
}

}  // namespace

struct World::Program {
    explicit Program(World& w)
        : feed(w.source, {items, notes}),
          reader(w.source),
          statuses(w.source),
          commits(w.disk->commits(), w.laws_),
          pipeline(w.loop.get_executor(),
                   pipeline::Ports{feed,
                                   reader,
                                   w.target,
                                   commits,
                                   w.disk->reader(),
                                   {{"default", &w.model}},
                                   w.clock,
                                   w.random,
                                   nullptr,
                                   w.seed_ % 3 != 0 ? &w.disk->vectors() : nullptr,
                                   w.status_writeback() ? &statuses : nullptr,
                                   &w.target},
                   w.settings),
          jobs(pipeline.orders()),
          group(w.loop.get_executor()) {}
    SourceFeed feed;
    SourceReader reader;
    SourceStatusWriter statuses;
    JudgedCommits commits;
    pipeline::Pipeline pipeline;
    jobs::Backfills jobs;
    async::TaskGroup group;
    std::optional<Result<>> outcome;
};

World::World(std::uint64_t seed, Store store)
    : random(seed),
      clock(loop.get_executor()),
      source(loop.get_executor(), clock, random),
      target(loop.get_executor(), clock, random),
      model(clock, random),
      disk(store == Store::model ? model_disk(clock, random) : rocks_disk(loop, clock, random)),
      wanted_(settings, source, target, model),
      laws_(settings, clock, source, target, wanted_),
      seed_(seed) {
    laws_.somebody_counts = [this] {
        const auto all = program_ ? program_->jobs.jobs() : std::vector<Job>();
        return std::any_of(all.begin(), all.end(),
                           [](const Job& j) { return j.request.dry_run && j.state != JobState::done; });
    };
    target.on_landed = [this](const auto& collection, const auto& operation, const auto& before) {
        laws_.landed(collection, operation, before);
    };
}

World::~World() {
    if (program_) kill();
    async::TaskGroup last(loop.get_executor());
    last.spawn(target.join());
    while (last.running() > 0) turn();
}

pipeline::PipelineOptions World::options() {
    pipeline::PipelineOptions o;
    render::RouteOptions r;
    r.from = items;
    r.to = alpha;
    r.text = "{{t}}";
    r.chunk = render::ChunkOptions{render::ChunkOptions::By::words, 3, 1, ""};
    r.payload = std::vector<render::PayloadField>{{"p", "", false}};
    o.routes.push_back(r);
    r.to = beta;
    r.chunk.reset();
    r.text = "{{u}}";
    r.filter = R"({"hidden": {"$ne": true}})";
    r.payload = std::vector<render::PayloadField>{{"p", "", false}, {"t", "title", false}};
    o.routes.push_back(r);
    r.from = notes;
    r.filter.clear();
    o.routes.push_back(r);
    for (const auto& name : {alpha, beta}) {
        pipeline::CollectionOptions c;
        c.spec.name = name;
        c.embedder = "default";
        o.collections.push_back(c);
    }
    o.ack_window = 64;
    o.retry.backoff = {
        .initial = std::chrono::seconds(1), .factor = 2, .cap = std::chrono::seconds(4), .jitter = 0.2};
    o.tombstones = {.interval = std::chrono::seconds(5), .age = std::chrono::seconds(0), .least = 0};
    o.scan_window = 8;
    o.scan_parallelism = 3;
    o.write_points = 6;
    o.window_chunks = 3;
    o.max_delete_share = 1.0;
    o.max_embeddings = 0;
    return o;
}

/// One handler, or to the next instant at which there is one.
void World::turn() {
    loop.restart();
    if (loop.poll_one() == 0) clock.jump();
}

void World::start() {
    log::debug("world", "start");
    source.cut = target.cut = model.cut = false;
    disk->open();
    laws_.begin(disk->tables());
    program_ = std::make_unique<Program>(*this);
    program_->group.spawn(live(&program_->pipeline, &program_->outcome));
}

void World::end_program(bool cut) {
    if (cut) {
        source.cut = target.cut = model.cut = true;
        target.hang_up();
        program_->group.cancel();
    } else {
        program_->pipeline.stop();
    }
    async::TaskGroup waiter(loop.get_executor());
    waiter.spawn(program_->group.join());
    while (waiter.running() > 0) turn();
    // What a program that has ended still has on its way lands before the next one starts, or never: see
    // docs/guarantees.md.
    target.hang_up();
}

void World::bury_program() {
    program_.reset();
    disk->release();
}

void World::stop_orderly() {
    log::debug("world", "orderly stop");
    end_program(false);
    clean_ = program_->pipeline.drained();
    const auto frontier = disk->tables().frontier;
    knows_an_event_ = frontier && frontier->last_event.of_event;
    if (clean_) {
        async::TaskGroup waiter(loop.get_executor());
        waiter.spawn(close(disk.get()));
        while (waiter.running() > 0) turn();
    } else {
        disk->cut(false);
    }
    bury_program();
}

void World::kill() {
    log::debug("world", "kill");
    clean_ = false;
    disk->cut(false);
    end_program(true);
    bury_program();
}

void World::power_loss() {
    log::debug("world", "power loss");
    clean_ = false;
    disk->cut(true);
    end_program(true);
    bury_program();
}

void World::run_for(Duration d) {
    const auto until = clock.now() + d;
    async::TaskGroup waiter(loop.get_executor());
    waiter.spawn(clock.sleep_until(until));
    while (waiter.running() > 0) turn();
    supervise();
}

/// A program that gave up is started again.
void World::supervise() {
    if (program_ && program_->outcome) {
        log::debug("world", "it gave up: {}", describe());
        if (source.faults.denied == 0 && !disk_full) laws_.violations.push_back("it gave up: " + describe());
        kill();
        disk_full = false;
        disk->fail_commits({});
        source.faults.denied = 0;
        start();
    }
}

void World::run_steps(std::uint64_t steps) {
    for (; steps > 0; --steps) turn();
}

bool World::run_until(const std::function<bool()>& condition, Duration limit) {
    const auto until = clock.now() + limit;
    while (clock.now() < until) {
        run_for(std::chrono::milliseconds(500));
        if (condition()) return true;
    }
    return false;
}

void World::pulse() { source.put(elsewhere, Document::from_json(R"({"_id":1})").value()); }

bool World::settle(Duration limit) {
    int calm_turns = 0;
    int turns = 0;
    return run_until(
        [&] {
            if (++turns % 20 == 0) pulse();
            calm_turns = program_->pipeline.overview().in_sync ? calm_turns + 1 : 0;
            return calm_turns >= 6;
        },
        limit);
}

void World::restore() {
    log::debug("world", "restored backup");
    // A program that is killed before it notices is left with what docs/guarantees.md says of it.
    source.faults.denied = source.faults.foreign_tokens = 0;
    disk_full = false;
    disk->fail_commits({});
    source.restore();
    const auto before = program_->pipeline.overview().rescans;
    run_until([&] { return program_->pipeline.overview().rescans != before; }, std::chrono::hours(1));
}

/// A program that has ended answers nobody.
void World::wait(async::TaskGroup& group, std::uint64_t patience) {
    const auto until = clock.now() + std::chrono::minutes(1);
    for (std::uint64_t n = 1; group.running() > 0 && !program_->outcome && clock.now() < until; ++n) {
        turn();
        if (n == patience) break;
    }
    group.cancel();
    async::TaskGroup last(loop.get_executor());
    last.spawn(group.join());
    while (last.running() > 0) turn();
    supervise();
}

FlowControl& World::flow() { return program_->pipeline; }
DocumentControl& World::documents() { return program_->pipeline; }
JobControl& World::jobs() { return program_->jobs; }

Overview World::status() const { return program_->pipeline.overview(); }

std::vector<std::string> World::differences() {
    auto found = target.violations;
    found.insert(found.end(), laws_.violations.begin(), laws_.violations.end());
    const auto more = wanted_.differences(disk->tables());
    found.insert(found.end(), more.begin(), more.end());
    return found;
}

std::string World::describe() const {
    std::string text = fmt::format("seed {}", seed_);
    if (!program_) return text + ", no program runs";
    if (program_->outcome)
        return text + ", it ended: " +
               (program_->outcome->has_error() ? halcyon::describe(program_->outcome->error()) : "orderly");
    const auto s = program_->pipeline.overview();
    text += fmt::format(", streaming {} ({}), under way {}", s.streaming, s.trouble, s.under_way);
    for (const auto& r : s.routes) text += fmt::format("; {} -> {}: {}", r.from, r.to, r.phase);
    for (const auto& c : s.collections)
        text += fmt::format("; {}: paused {} ({}), in flight {}, waiting {}", c.name, c.paused, c.reason,
                            c.in_flight, c.waiting);
    return text;
}

}  // namespace halcyon::simulation
