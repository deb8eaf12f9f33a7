// A collection's settings: what creation and change may say, and how the info shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "devstack/qdrant/json.hpp"

namespace halcyon::devstack::qdrant {

enum class Distance { cosine, dot, euclid, manhattan };

struct VectorParams {
    std::string name;  // empty: the unnamed one
    std::size_t size = 0;
    Distance distance = Distance::cosine;
};

// The part of strict mode that is kept here; the rest is shown only. Empty: no limit.
struct StrictMode {
    std::optional<std::uint64_t> upsert_batch, query_limit, timeout, hnsw_ef;
    bool unindexed_read = true, unindexed_update = true, exact = true;
};

class CollectionConfig {
  public:
    // The body of PUT and of PATCH /collections/{name}. Throw Refused.
    static CollectionConfig create(const Json& request);
    void update(const Json& request);

    const std::vector<VectorParams>& vectors() const { return vectors_; }
    const StrictMode& strict() const { return strict_; }
    const Json& json() const { return shown_; }

  private:
    void read_strict();

    std::vector<VectorParams> vectors_;
    StrictMode strict_;
    Json shown_;  // "config" of the collection's info
};

}  // namespace halcyon::devstack::qdrant
