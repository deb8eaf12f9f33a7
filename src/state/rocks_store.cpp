#include "state/rocks_store.hpp"

#include "state/database.hpp"
#include "state/testing.hpp"
#include "state/writer.hpp"

namespace halcyon::state {

Result<std::unique_ptr<RocksStore>> open_with(const Options& options, const Hooks& hooks, async::Pool& writer,
                                              async::Pool& readers) {
    HALCYON_TRY(auto database, Database::open(options, hooks, Database::Mode::read_write));
    HALCYON_TRY(auto opened, Writer::open(database, writer));
    return std::make_unique<RocksStore>(std::move(database), std::move(opened), readers);
}

Result<std::unique_ptr<StateReader>> open_read_only_with(const Options& options, const Hooks& hooks,
                                                         async::Pool& readers) {
    HALCYON_TRY(auto database, Database::open(options, hooks, Database::Mode::read_only));
    return std::make_unique<RocksReader>(std::move(database), readers);
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const Options& options, async::Pool& writer,
                                                     async::Pool& readers) {
    return open_with(options, Hooks{}, writer, readers);
}

Result<std::unique_ptr<StateReader>> open_read_only(const Options& options, async::Pool& readers) {
    return open_read_only_with(options, Hooks{}, readers);
}

RocksStore::RocksStore(std::shared_ptr<Database> database, std::shared_ptr<Writer> writer,
                       async::Pool& readers)
    : RocksReader(std::move(database), readers), writer_(std::move(writer)) {}
RocksStore::~RocksStore() = default;

namespace {

Task<Result<>> written(std::shared_ptr<Writer> writer, std::shared_ptr<Writer::Request> request) {
    co_await async::until_called([writer, request](std::function<void()> done) {
        request->done = std::move(done);
        writer->submit(request);
    });
    co_return std::move(request->outcome);
}

}  // namespace

Task<Result<>> RocksStore::commit(Commit commit, Durability durability) {
    auto request = std::make_shared<Writer::Request>();
    request->commit = std::move(commit);
    request->durability = durability;
    return written(writer_, std::move(request));
}

Task<Result<>> RocksStore::keep_synced(async::Clock& clock, Duration period) {
    const auto writer = writer_;
    for (;;) {
        co_await clock.sleep(period);
        auto request = std::make_shared<Writer::Request>();
        request->durability = Durability::synced;
        HALCYON_CO_TRY(co_await written(writer, std::move(request)));
    }
}

Task<Result<>> RocksStore::close() {
    auto request = std::make_shared<Writer::Request>();
    request->durability = Durability::synced;
    request->last = true;
    return written(writer_, std::move(request));
}

}  // namespace halcyon::state
