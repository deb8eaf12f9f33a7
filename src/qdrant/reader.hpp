// Sink::lookup, scroll and count.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/sink.hpp"
#include "qdrant/collections.hpp"
#include "qdrant/read_protocol.hpp"

namespace halcyon::qdrant {

/// Errors are those of `judge`, except that a refusal is {retry, rejected}: these requests are ours, so that
/// a refusal says nothing about a document. Thread rule: the loop; concurrent calls are fine.
class Reader {
  public:
    Reader(std::shared_ptr<Api> api, std::shared_ptr<Collections> collections)
        : api_(std::move(api)), collections_(std::move(collections)) {}

    Task<Result<std::vector<HeldDocument>>> lookup(CollectionName name, std::vector<DocumentKey> keys,
                                                   Deadline deadline);
    Task<Result<ScrollPage>> scroll(CollectionName name, std::optional<std::string> from, std::size_t limit,
                                    Deadline deadline);
    Task<Result<std::uint64_t>> count(CollectionName name, Deadline deadline);

  private:
    using Found = std::vector<FoundChunk>;
    Task<Result<std::string>> ask(std::shared_ptr<Collection> collection, std::string what, std::string body,
                                  Deadline deadline);
    Task<Result<Found>> find(std::shared_ptr<Collection> collection, std::vector<std::string> tags,
                             Deadline deadline);
    Task<Result<std::vector<HeldDocument>>> held(std::shared_ptr<Collection> collection,
                                                 std::vector<std::string> tags, Deadline deadline);
    Task<Result<>> nothing_deferred(std::shared_ptr<Collection> collection, Deadline deadline);
    std::shared_ptr<Api> api_;
    std::shared_ptr<Collections> collections_;
};

}  // namespace halcyon::qdrant
