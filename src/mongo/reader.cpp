#include "mongo/reader.hpp"

#include "mongo/reading.hpp"
#include "mongo/scan.hpp"

namespace halcyon::mongo {
namespace {

TimeLimit limit_of(const async::Clock& clock, Deadline deadline) {
    if (deadline.at == Instant::max()) return std::chrono::minutes(1);
    return std::chrono::duration_cast<TimeLimit>(deadline.left(clock));
}

}  // namespace

MongoReader::MongoReader(Driver& driver, async::Executor executor, async::Pool& pool,
                         const async::Clock& clock, Options options)
    : driver_(driver),
      executor_(std::move(executor)),
      pool_(pool),
      clock_(clock),
      clients_(std::make_shared<Clients>(std::move(options))) {}
MongoReader::~MongoReader() = default;

Task<Result<SourceIdentity>> MongoReader::identify(std::vector<Namespace> namespaces, Deadline) {
    co_return co_await async::on_pool(pool_, [clients = clients_, names = std::move(namespaces)] {
        return read_identity(*clients, names);
    });
}

Task<Result<std::uint64_t>> MongoReader::estimate(Namespace ns, Deadline deadline) {
    co_return co_await async::on_pool(
        pool_, [clients = clients_, name = std::move(ns), limit = limit_of(clock_, deadline)] {
            return read_estimate(*clients, name, limit);
        });
}

Task<Result<std::vector<IdRange>>> MongoReader::split(Namespace ns, unsigned parts, Deadline deadline) {
    co_return co_await async::on_pool(
        pool_, [clients = clients_, name = std::move(ns), parts, limit = limit_of(clock_, deadline)] {
            return read_split(*clients, name, parts, limit);
        });
}

Task<Result<std::unique_ptr<Scan>>> MongoReader::scan(Namespace ns, IdRange range, ClusterTime not_before,
                                                      Deadline deadline) {
    auto scan = std::make_unique<MongoScan>(driver_, executor_, clients_, std::move(ns), std::move(range),
                                            not_before);
    auto opened = co_await scan->open(executor_, deadline.left(clock_));
    if (!opened) co_return fail(opened.error());
    co_return std::unique_ptr<Scan>(std::move(scan));
}

Task<Result<LookupResult>> MongoReader::lookup(Namespace ns, std::vector<DocId> ids, ClusterTime not_before,
                                               Deadline deadline) {
    co_return co_await async::on_pool(
        pool_, [clients = clients_, name = std::move(ns), asked = std::move(ids), not_before,
                limit = limit_of(clock_, deadline)] {
            return read_documents(*clients, name, asked, not_before, limit);
        });
}

Task<Result<History>> MongoReader::history(Deadline deadline) {
    co_return co_await async::on_pool(pool_, [clients = clients_, limit = limit_of(clock_, deadline)] {
        return read_history(*clients, limit);
    });
}

}  // namespace halcyon::mongo
