// Sink::apply: upserts, then payloads, then removes.
#pragma once

#include <memory>
#include <vector>

#include "core/ports/sink.hpp"
#include "qdrant/collections.hpp"

namespace halcyon::qdrant {

/// Thread rule: the loop; concurrent calls are fine. REQUIRES: a point is touched by one operation of a call
/// at most.
class Writer {
  public:
    Writer(std::shared_ptr<Api> api, std::shared_ptr<Collections> collections)
        : api_(std::move(api)), collections_(std::move(collections)) {}

    Task<std::vector<SinkOutcome>> apply(CollectionName name, std::vector<SinkOperation> operations,
                                         Deadline deadline);

  private:
    struct Run;
    Task<> upsert(std::shared_ptr<Run> run);
    Task<> overwrite(std::shared_ptr<Run> run);
    Task<> remove(std::shared_ptr<Run> run);
    Task<Answer> send(std::shared_ptr<Run> run, const char* method, const char* suffix, std::string body);
    Task<Result<>> raise_epoch(std::shared_ptr<Run> run);
    std::shared_ptr<Api> api_;
    std::shared_ptr<Collections> collections_;
};

}  // namespace halcyon::qdrant
