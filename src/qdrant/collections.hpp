// What is known of the collections that were ensured: physical name, identity, limits.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "core/key.hpp"
#include "qdrant/admin_protocol.hpp"
#include "qdrant/api.hpp"

namespace halcyon::qdrant {

struct Collection {
    CollectionName name;
    std::string physical;
    std::string vector_name;  // empty: the unnamed one
    CollectionInfo info;
    bool stale = false;  // a reply says that `info` is not true any more
};

/// Thread rule: the loop.
class Collections {
  public:
    explicit Collections(std::shared_ptr<Api> api) : api_(std::move(api)) {}

    void put(std::shared_ptr<Collection> collection);
    /// Asks again for what is stale. Errors: {retry, not_found} when it is gone, {retry, conflict} when it is
    /// another one than was ensured, {retry, not_found} when it never was: ensure it.
    Task<Result<std::shared_ptr<Collection>>> get(CollectionName name, Deadline deadline);
    /// The description of a physical collection.
    Task<Result<CollectionInfo>> describe(std::string physical, Deadline deadline);
    /// Notes what a failed call says about the collection.
    static void learn(Collection& collection, const Error& error);

    /// The query parameters of calls to it.
    std::string_view ordering(const Collection& collection) const;
    std::string_view consistency(const Collection& collection) const;

  private:
    std::shared_ptr<Api> api_;
    std::unordered_map<CollectionName, std::shared_ptr<Collection>> known_;
};

}  // namespace halcyon::qdrant
