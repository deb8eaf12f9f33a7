#include "simulation/pipeline/world.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <set>

#include "async/task_group.hpp"
#include "base/log.hpp"

namespace halcyon::simulation {
namespace {

const Namespace items{"shop", "items"};
const Namespace notes{"shop", "notes"};
const Namespace scratch{"shop", "scratch"};
const CollectionName alpha{"alpha"};
const CollectionName beta{"beta"};

std::string told(const halcyon::testing::MemoryStore& store, const ReceiptKey& key) {
    const auto& t = store.tables();
    std::string text;
    if (const auto r = t.receipts.find(key); r != t.receipts.end())
        text += fmt::format(" receipt {}{} chunks {}", r->second.version.text(),
                            r->second.deleted ? " deleted" : "", r->second.chunks);
    else
        text += " no receipt";
    if (const auto n = t.namespaces.find(key.document.ns); n != t.namespaces.end())
        text += fmt::format(", namespace gone at {}{}", n->second.version.text(),
                            n->second.swept ? " swept" : "");
    return text;
}

Provenance of(const DocumentKey& key) {
    Provenance p;
    p.key = key;
    return p;
}

}  // namespace

struct World::Program {
    Program(World& w)
        : feed(w.source, {items, notes}),
          reader(w.source),
          pipeline(w.loop.get_executor(),
                   pipeline::Ports{feed,
                                   reader,
                                   w.target,
                                   w.store,
                                   w.store,
                                   {{"default", &w.model}},
                                   w.clock,
                                   w.random,
                                   nullptr},
                   w.settings),
          group(w.loop.get_executor()) {}
    SourceFeed feed;
    SourceReader reader;
    pipeline::Pipeline pipeline;
    async::TaskGroup group;
    std::optional<Result<>> outcome;
};

World::World(std::uint64_t seed)
    : random(seed),
      clock(loop.get_executor()),
      source(loop.get_executor(), clock, random),
      target(loop.get_executor(), clock, random),
      model(clock, random),
      store(clock, random),
      seed_(seed) {
    if (std::getenv("HALCYON_SIM_TRACE")) log::start({log::Level::debug, log::Format::human, true});
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
    o.scan_window = 8;
    o.scan_parallelism = 3;
    o.write_points = 6;
    o.window_chunks = 3;
    o.max_delete_share = 1.0;
    o.max_embeddings = 0;
    return o;
}

void World::turn() {
    loop.restart();
    if (loop.poll() == 0) clock.jump();
}

namespace {

Task<> live(pipeline::Pipeline* pipeline, std::optional<Result<>>* outcome) {
    *outcome = co_await pipeline->run();
}

}  // namespace

void World::start() {
    log::debug("world", "start at {}", clock.now().time_since_epoch().count());
    source.cut = target.cut = model.cut = false;
    program_ = std::make_unique<Program>(*this);
    program_->group.spawn(live(&program_->pipeline, &program_->outcome));
}

bool World::end_program(bool cut) {
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
    const bool drained = program_->pipeline.drained();
    program_.reset();
    return drained;
}

void World::stop_orderly() {
    log::debug("world", "orderly stop at {}", clock.now().time_since_epoch().count());
    if (end_program(false))
        store.orderly_stop();
    else
        store.process_crash();
}

void World::kill() {
    log::debug("world", "kill at {}", clock.now().time_since_epoch().count());
    store.process_crash();
    end_program(true);
}

void World::power_loss() {
    log::debug("world", "power loss at {}", clock.now().time_since_epoch().count());
    store.power_loss();
    end_program(true);
}

void World::run_for(Duration d) {
    const auto until = clock.now() + d;
    async::TaskGroup waiter(loop.get_executor());
    waiter.spawn(clock.sleep_until(until));
    while (waiter.running() > 0) turn();
}

bool World::settle(Duration limit) {
    const auto until = clock.now() + limit;
    int calm_turns = 0;
    while (clock.now() < until) {
        run_for(std::chrono::milliseconds(500));
        if (program_->outcome) return false;
        calm_turns = program_->pipeline.status().in_sync ? calm_turns + 1 : 0;
        if (calm_turns >= 6) return true;
    }
    return false;
}

void World::calm() {
    source.faults = {};
    target.faults = {};
    model.faults = {};
    target.down.clear();
    model.down = false;
}

void World::storm() {
    const auto some = [&](double most) { return random.below(2) == 0 ? 0.0 : random.unit() * most; };
    source.faults = {some(0.05), some(0.5), some(0.1), std::chrono::milliseconds(1 + random.below(200))};
    target.faults = {some(0.2),
                     some(0.1),
                     some(0.1),
                     some(0.1),
                     some(0.2),
                     some(0.2),
                     std::chrono::milliseconds(1 + random.below(300)),
                     std::chrono::seconds(1 + random.below(50))};
    model.faults = {some(0.2), some(0.2), some(0.1), std::chrono::milliseconds(1 + random.below(300))};
    target.down.clear();
    if (random.below(6) == 0) target.down.insert(random.below(2) == 0 ? alpha : beta);
    model.down = random.below(12) == 0;
}

Document World::document(int id) {
    std::string t;
    const auto words = random.below(3) == 0 ? random.below(20) : random.below(5);
    for (std::uint64_t i = 0; i < words; ++i) t += fmt::format("w{} ", random.below(6));
    if (random.below(60) == 0) t += "unspeakable";
    const bool poison = random.below(60) == 0;
    return Document::from_json(fmt::format(R"({{"_id":{},"t":"{}","u":"{}","p":{},"hidden":{}}})", id, t,
                                           random.below(5) == 0 ? "" : fmt::format("u{}", random.below(4)),
                                           poison ? "\"poison\"" : std::to_string(random.below(4)),
                                           random.below(4) == 0))
        .value();
}

void World::change() {
    const auto& ns = random.below(3) == 0 ? notes : items;
    const auto id = static_cast<int>(random.below(24));
    const auto key = [](int i) {
        return DocId::of(Document::from_json(fmt::format(R"({{"_id":{}}})", i)).value().bson()).value();
    };
    switch (random.below(40)) {
        case 0:
            source.drop(ns);
            break;
        case 1:
            for (int i = 0; i < 5; ++i) source.put(scratch, document(i * 3));
            source.rename_over(scratch, ns);
            break;
        case 2:
        case 3:
            source.transaction(ns, {document(id), document(id), document((id + 1) % 24)},
                               {key((id + 2) % 24)});
            break;
        case 4:
        case 5:
            source.transaction(ns, {document(id)}, {key(id)});
            break;
        case 6:
        case 7:
        case 8:
        case 9:
        case 10:
        case 11:
            source.remove(ns, key(id));
            break;
        default:
            source.put(ns, document(id));
    }
}

std::vector<std::string> World::differences() {
    auto found = target.violations;
    std::map<CollectionName, std::map<PointId, Target::Point>> wanted;
    std::set<ReceiptKey> refused;
    for (const auto& r : settings.routes) {
        const auto route = render::Route::compile(r, model.identity(), 1, Distance::cosine).value();
        for (const auto& [id, d] : source.documents(r.from)) {
            const DocumentKey key{r.from, id};
            const auto w = route.want(d).value();
            if (!w.wanted) continue;
            if (w.payload.find(target.poison) != std::string::npos ||
                w.text.find(model.poison) != std::string::npos) {
                refused.insert({r.to, key});
                continue;
            }
            const auto chunks = route.chunks(w.text);
            for (std::uint32_t i = 0; i < chunks.size(); ++i)
                wanted[r.to][point_id(settings.source, r.to, key, i)] = {Model::vector_of(chunks[i]),
                                                                         w.payload, of(key)};
        }
    }
    for (const auto& c : settings.collections) {
        auto& name = c.spec.name;
        auto& want = wanted[name];
        for (const auto& [id, p] : target.collections[name].points) {
            const auto who =
                fmt::format("{} {} {} chunk {}/{}", name.value(), p.provenance.key.ns.collection,
                            p.provenance.key.id.display(), p.provenance.chunk, p.provenance.chunks);
            if (refused.count({name, p.provenance.key}) > 0) continue;
            const auto it = want.find(id);
            if (it == want.end())
                found.push_back("orphan: " + who + told(store, {name, p.provenance.key}) + " point of " +
                                p.provenance.version.text());
            else if (!(it->second == p))
                found.push_back(fmt::format("stale: {} holds {} {} instead of {} {}", who, p.vector,
                                            p.payload, it->second.vector, it->second.payload));
        }
        for (const auto& [id, p] : want)
            if (target.collections[name].points.count(id) == 0)
                found.push_back(fmt::format("missing: {} {} {} {}", name.value(),
                                            p.provenance.key.ns.collection, p.provenance.key.id.display(),
                                            p.payload) +
                                told(store, {name, p.provenance.key}));
    }
    for (const auto& [key, letter] : store.tables().dead)
        if (refused.count(key) == 0)
            found.push_back(fmt::format("dead letter of a document that is in order: {} {}",
                                        key.collection.value(), key.document.id.display()));
    for (const auto& key : refused)
        if (store.tables().dead.count(key) == 0)
            found.push_back(fmt::format("no dead letter for {} {} {}", key.collection.value(),
                                        key.document.ns.collection, key.document.id.display()));
    for (const auto& [key, owed] : store.tables().owed)
        found.push_back(fmt::format("still owed: {} {}: {}", key.collection.value(),
                                    key.document.id.display(), owed.reason));
    return found;
}

std::string World::describe() const {
    std::string text = fmt::format("seed {}", seed_);
    if (!program_) return text + ", no program runs";
    if (program_->outcome)
        return text + ", it ended: " +
               (program_->outcome->has_error() ? halcyon::describe(program_->outcome->error()) : "orderly");
    const auto s = program_->pipeline.status();
    text += fmt::format(", streaming {} ({}), under way {}", s.streaming, s.trouble, s.under_way);
    for (const auto& r : s.routes) text += fmt::format("; {} -> {}: {}", r.from, r.to, r.phase);
    for (const auto& c : s.collections)
        text += fmt::format("; {}: paused {} ({}), in flight {}, waiting {}", c.name, c.paused, c.reason,
                            c.in_flight, c.waiting);
    return text;
}

}  // namespace halcyon::simulation
