#include "app/runtime.hpp"

#include <set>

#include "app/loop.hpp"
#include "base/log.hpp"
#include "embed/embedder.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"
#include "mongo/status_writer.hpp"

namespace halcyon::app {
namespace {

constexpr unsigned mongo_threads = 4;
constexpr unsigned work_threads = 2;

}  // namespace

void share_memory(AppSettings& s) {
    const auto collections = std::max<std::size_t>(s.pipeline.collections.size(), 1);
    s.pipeline.planned_bytes = std::clamp(s.memory / 8 / collections, 2 * MiB, 32 * MiB);
    s.pipeline.write_bytes = std::min(s.pipeline.write_bytes, s.pipeline.planned_bytes / 2);
    // What stands for an event on its way takes some hundred bytes without its document.
    s.pipeline.ack_window = std::min(s.pipeline.ack_window, s.memory / (4 * KiB));
    s.mongodb.scan_buffer = std::min(s.mongodb.scan_buffer, s.memory / 32);
    s.state.cache = std::min(s.state.cache, s.memory / 8);
    // Both together are what the state's cache alone would be.
    if (s.state.vector_cache != 0) {
        s.state.vector_memory = std::clamp(s.state.cache / 4, MiB, 8 * MiB);
        s.state.cache -= std::min(s.state.vector_memory, s.state.cache - MiB);
    }
    s.state.write_buffer = std::min(s.state.write_buffer, s.memory / 16);
}

Runtime::Runtime(mongo::Driver& d, AppSettings s)
    : settings((share_memory(s), std::move(s))),
      random(entropy_seed()),
      driver(d),
      mongo_pool(mongo_threads, "mongo"),
      work_pool(work_threads, "work"),
      store_pool(1, "store"),
      stream_budget(std::make_shared<async::ByteBudget>(loop.get_executor(), settings.memory / 8)) {}

Runtime::~Runtime() = default;

std::vector<Namespace> Runtime::namespaces() const {
    std::set<Namespace> all;
    for (const auto& r : settings.pipeline.routes) all.insert(r.from);
    return {all.begin(), all.end()};
}

Result<> Runtime::connect() {
    mongo::mask_secrets(settings.mongodb);
    HALCYON_TRY(mongo::check(settings.mongodb));
    feed = std::make_unique<mongo::MongoChangeFeed>(driver, loop.get_executor(), clock, settings.mongodb,
                                                    namespaces(), stream_budget);
    reader = std::make_unique<mongo::MongoReader>(driver, loop.get_executor(), mongo_pool, clock,
                                                  settings.mongodb);
    if (settings.mongodb.status_writeback)
        status_writer = std::make_unique<mongo::MongoStatusWriter>(mongo_pool, settings.mongodb,
                                                                   settings.mongodb.status_field);
    HALCYON_TRY(auto services, qdrant::make_services(loop.get_executor(), clock, random, settings.qdrant));
    qdrant = std::move(services);
    for (const auto& [name, options] : settings.embedders) {
        HALCYON_TRY(auto embedder, embed::make_embedder(options, loop.get_executor(), work_pool));
        embedders.emplace(name, std::move(embedder));
    }
    return success();
}

void Runtime::run(Task<> main) { run_on(loop, std::move(main)); }

}  // namespace halcyon::app
