// The composition root: everything concrete, built once from the settings.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "app/settings.hpp"
#include "async/budget.hpp"
#include "async/clock.hpp"
#include "async/pool.hpp"
#include "base/random.hpp"
#include "core/ports/embedder.hpp"
#include "mongo/driver.hpp"
#include "qdrant/qdrant.hpp"

namespace halcyon::mongo {
class MongoChangeFeed;
class MongoReader;
class MongoStatusWriter;
}  // namespace halcyon::mongo

namespace halcyon::app {

/// The ends of the pipeline: MongoDB, Qdrant, embedders; the state is opened by the commands that need it.
/// Connects when first used. Members are built in this order and destroyed in the reverse. Thread rule: the
/// thread that runs `loop`.
struct Runtime {
    Runtime(mongo::Driver& driver, AppSettings settings);
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    /// Errors: {fatal, invalid}: an option that the settings' checks do not see.
    Result<> connect();
    std::vector<Namespace> namespaces() const;
    /// Runs the loop until `main` has ended and rethrows what it threw.
    void run(Task<> main);

    AppSettings settings;
    boost::asio::io_context loop;
    async::SystemClock clock;
    SeededRandom random;
    mongo::Driver& driver;
    async::ThreadPool mongo_pool;  // calls that wait for MongoDB
    async::ThreadPool work_pool;   // reads of the state, the lexical embedder
    async::ThreadPool store_pool;  // the state's one writer
    std::shared_ptr<async::ByteBudget> stream_budget;
    std::unique_ptr<mongo::MongoChangeFeed> feed;
    std::unique_ptr<mongo::MongoReader> reader;
    std::unique_ptr<mongo::MongoStatusWriter> status_writer;  // null: it is off
    qdrant::Services qdrant;
    std::map<std::string, std::unique_ptr<Embedder>> embedders;
};

/// Shares `memory` out among mailboxes, scans, planned work and the state's caches (law 7;
/// docs/architecture.md, "Memory").
void share_memory(AppSettings& settings);

}  // namespace halcyon::app
