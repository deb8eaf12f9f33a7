// Nearest points, for people: `halcyon search`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/result.hpp"
#include "core/key.hpp"

namespace halcyon::qdrant {

struct SearchQuery {
    CollectionName collection;                 // its alias is asked, as searchers do
    std::string vector_json;                   // "[0.1,...]"
    std::size_t limit = 10;                    // most hits, 1 and up
    std::optional<std::string> filter_json{};  // Qdrant's filter, a JSON object
    std::string vector_name{};                 // empty: the unnamed vector
};

struct Hit {
    std::string id;
    double score = 0;
    std::string payload;  // JSON object, with `_halcyon`
};

/// Thread rule: the loop; concurrent calls are fine.
class Search {
  public:
    virtual ~Search() = default;
    /// Best first. Errors are those of `judge`; {reject, ...}: the query is wrong.
    virtual Task<Result<std::vector<Hit>>> search(SearchQuery query, Deadline deadline) = 0;
};

}  // namespace halcyon::qdrant
