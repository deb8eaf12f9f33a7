// Statuses written back into MongoDB, in batches.
#pragma once

#include <memory>

#include "async/pool.hpp"
#include "core/ports/status_writer.hpp"
#include "mongo/options.hpp"

namespace halcyon::mongo {

class Clients;

/// Unordered bulk updates with the write concern `w: 1` of the connection string, one namespace after the
/// other, on `pool`. REQUIRES: a Driver exists; `pool` outlives the writer.
class MongoStatusWriter final : public StatusWriter {
  public:
    MongoStatusWriter(async::Pool& pool, Options options, std::string field);
    ~MongoStatusWriter() override;
    std::string place() const override { return field_; }
    Task<Result<Written>> write(std::vector<StatusRow> rows, Deadline deadline) override;

  private:
    async::Pool& pool_;
    std::shared_ptr<Clients> clients_;
    const std::string field_;
};

}  // namespace halcyon::mongo
