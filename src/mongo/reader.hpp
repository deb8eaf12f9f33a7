// MongoDB as the port DocumentReader.
#pragma once

#include <memory>

#include "async/pool.hpp"
#include "core/ports/document_reader.hpp"
#include "mongo/driver.hpp"
#include "mongo/options.hpp"

namespace halcyon::mongo {

class Clients;

/// Calls run on `pool`, scans on a thread each (with at most `scan_buffer` bytes read ahead). The deadline
/// goes to the server as maxTimeMS; a server that does not answer at all is given up after the socket
/// time-out. Thread rule: the loop; concurrent calls are fine. REQUIRES: `driver`, `pool` and `clock` outlive
/// the reader.
class MongoReader final : public DocumentReader {
  public:
    MongoReader(Driver& driver, async::Executor executor, async::Pool& pool, const async::Clock& clock,
                Options options);
    ~MongoReader() override;

    Task<Result<SourceIdentity>> identify(std::vector<Namespace> namespaces, Deadline deadline) override;
    Task<Result<std::uint64_t>> estimate(Namespace ns, Deadline deadline) override;
    Task<Result<std::vector<IdRange>>> split(Namespace ns, unsigned parts, Deadline deadline) override;
    Task<Result<std::unique_ptr<Scan>>> scan(Namespace ns, IdRange range, ClusterTime not_before,
                                             Deadline deadline) override;
    Task<Result<LookupResult>> lookup(Namespace ns, std::vector<DocId> ids, ClusterTime not_before,
                                      Deadline deadline) override;
    Task<Result<History>> history(Deadline deadline) override;

  private:
    Driver& driver_;
    async::Executor executor_;
    async::Pool& pool_;
    const async::Clock& clock_;
    std::shared_ptr<Clients> clients_;
};

}  // namespace halcyon::mongo
