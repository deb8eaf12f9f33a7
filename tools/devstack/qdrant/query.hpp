// Search: every point is compared, so that a result is exact.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "devstack/qdrant/read.hpp"

namespace halcyon::devstack::qdrant {

struct Query {
    // The bodies of /points/query and of /points/search. Throw Refused.
    static Query parse(const Json& request);
    static Query parse_search(const Json& request);
    // The list of points as JSON text.
    std::string run(const Collection& collection) const;

    struct Everything {};
    std::variant<Everything, Vector, PointId, Scroll::Order> ask;
    std::string using_vector;
    std::optional<Filter> filter;
    std::optional<double> score_threshold;
    std::uint64_t limit = 10;
    std::uint64_t offset = 0;
    PayloadSelector payload;
    Json with_vector;
    std::optional<std::uint64_t> hnsw_ef;
    bool exact = false;

  private:
    void read_common(const Json& request);
};

}  // namespace halcyon::devstack::qdrant
