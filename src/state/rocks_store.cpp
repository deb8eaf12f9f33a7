#include "state/rocks_store.hpp"

#include <algorithm>

#include "state/change_list.hpp"
#include "state/database.hpp"
#include "state/documents.hpp"
#include "state/testing.hpp"
#include "state/writer.hpp"

namespace halcyon::state {

Result<std::unique_ptr<RocksStore>> open_with(const Options& options, const Hooks& hooks, async::Pool& writer,
                                              async::Pool& readers) {
    HALCYON_TRY(auto database, Database::open(options, hooks, Database::Mode::read_write));
    HALCYON_TRY(auto opened, Writer::open(database, writer, hooks.lists));
    return std::make_unique<RocksStore>(std::move(database), std::move(opened), readers, hooks.lists.few);
}

Result<std::unique_ptr<StateReader>> open_read_only_with(const Options& options, const Hooks& hooks,
                                                         async::Pool& readers) {
    HALCYON_TRY(auto database, Database::open(options, hooks, Database::Mode::read_only));
    return std::make_unique<RocksReader>(std::move(database), std::make_shared<DueFront>(), readers);
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const Options& options, async::Pool& writer,
                                                     async::Pool& readers) {
    return open_with(options, Hooks{}, writer, readers);
}

Result<std::unique_ptr<StateReader>> open_read_only(const Options& options, async::Pool& readers) {
    return open_read_only_with(options, Hooks{}, readers);
}

RocksStore::RocksStore(std::shared_ptr<Database> database, std::shared_ptr<Writer> writer,
                       async::Pool& readers, std::uint64_t few)
    : RocksReader(std::move(database), writer->front(), readers), writer_(std::move(writer)), few_(few) {}
RocksStore::~RocksStore() = default;

namespace {

Task<Result<>> written(std::shared_ptr<Writer> writer, std::shared_ptr<Writer::Request> request) {
    co_await async::until_called([writer, request](std::function<void()> done) {
        request->done = std::move(done);
        writer->submit(request);
    });
    co_return std::move(request->outcome);
}

/// Nothing: the index must be made first.
Result<std::optional<Page<Stored>>> list(const Database& db, const DocumentFilter& filter,
                                         const std::optional<std::string>& from, std::size_t limit,
                                         std::uint64_t few) {
    HALCYON_TRY(const auto counts, read_counts(db));
    if (records_to_read(counts, filter) > few) return list_changes(db, filter, from, limit);
    HALCYON_TRY(auto page, list_documents(db, filter, from, limit));
    return std::optional(std::move(page));
}

}  // namespace

Task<Result<std::vector<CollectionCounts>>> RocksStore::counts() { co_return writer_->counts(); }

Task<Result<Page<Stored>>> RocksStore::documents(DocumentFilter filter, std::optional<std::string> from,
                                                 std::size_t limit) {
    limit = std::max<std::size_t>(limit, 1);
    const auto writer = writer_;
    const auto database = database_;
    auto& readers = readers_;
    const auto few = few_;
    writer->touch_list();
    for (;;) {
        HALCYON_CO_TRY(auto page, co_await async::on_pool(
                                      readers, [=] { return list(*database, filter, from, limit, few); }));
        if (page) co_return std::move(*page);
        auto request = std::make_shared<Writer::Request>();
        request->list = true;
        HALCYON_CO_TRY(co_await written(writer, std::move(request)));
    }
}

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
