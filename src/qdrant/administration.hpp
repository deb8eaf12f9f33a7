// Sink::ensure: the collection, its alias, its indexes, its identity.
#pragma once

#include <memory>
#include <string>

#include "base/random.hpp"
#include "core/ports/sink.hpp"
#include "qdrant/collections.hpp"
#include "qdrant/inspector.hpp"

namespace halcyon::qdrant {

/// A random (version 4) UUID.
std::string make_uuid(Random& random);

/// Why points of `spec` do not go into a collection that says `found` of itself.
Error not_ours(const CollectionSpec& spec, std::string_view physical, const Identity& found);
/// (field, schema): what is ever filtered by, ours first.
std::vector<std::pair<std::string, std::string>> wanted_indexes(const CollectionSpec& spec);

/// Thread rule: the loop; concurrent calls are fine. The clock and `random` must outlive the object.
class Administration {
  public:
    Administration(std::shared_ptr<Api> api, std::shared_ptr<Collections> collections, Random& random)
        : api_(std::move(api)), collections_(std::move(collections)), random_(random) {}

    /// Idempotent: a call that was cut at any point is completed by the next.
    Task<Result<CollectionState>> ensure(CollectionSpec spec, Deadline deadline);
    /// What it would find; only asks.
    Task<Result<ServerInspection>> inspect_server(Deadline deadline);
    Task<Result<CollectionInspection>> inspect(CollectionSpec spec, Deadline deadline);

  private:
    struct Place {
        std::string physical;
        bool exists = false;   // the physical collection does
        bool aliased = false;  // the logical name leads to it already
    };
    Task<Result<>> check_server(Deadline deadline);
    Task<Result<Place>> find(std::shared_ptr<const CollectionSpec> spec, Deadline deadline);
    Task<Result<bool>> exists(std::string name, Deadline deadline);
    Task<Result<>> create(std::shared_ptr<const CollectionSpec> spec, std::string physical,
                          Deadline deadline);
    Task<Result<>> make_indexes(std::shared_ptr<const CollectionSpec> spec,
                                std::shared_ptr<Collection> collection, Deadline deadline);
    Task<Result<>> identify(std::shared_ptr<const CollectionSpec> spec,
                            std::shared_ptr<Collection> collection, Deadline deadline);
    /// A request that sets something up: what the server refuses is for an operator.
    Task<Result<std::string>> set_up(ApiRequest request, Deadline deadline);
    Identity new_identity(const CollectionName& name);

    std::shared_ptr<Api> api_;
    std::shared_ptr<Collections> collections_;
    Random& random_;
    bool server_checked_ = false;
};

}  // namespace halcyon::qdrant
