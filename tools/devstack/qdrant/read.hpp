// What reads points. Each takes a request's body, parsed, and gives the reply's "result" as JSON text. All
// throw Refused.
#pragma once

#include <string>
#include <string_view>

#include "devstack/qdrant/collection.hpp"
#include "devstack/qdrant/json.hpp"

namespace halcyon::devstack::qdrant {

// A request is read whole before its collection is looked up: its mistakes are answered first.
struct Retrieve {
    explicit Retrieve(const Json& request);
    std::string run(const Collection& collection) const;

    std::vector<PointId> ids;
    PayloadSelector payload;
    Json with_vector;
};

struct Scroll {
    explicit Scroll(const Json& request);
    std::string run(const Collection& collection) const;

    struct Order {
        Path key;
        bool descending = false;
        Json start_from;
    };
    std::optional<PointId> offset;
    std::uint64_t limit = 10;
    std::optional<Filter> filter;
    PayloadSelector payload;
    Json with_vector;
    std::optional<Order> order;

  private:
    std::string run_ordered(const Collection& collection) const;
};

struct Count {
    explicit Count(const Json& request);
    std::string run(const Collection& collection) const;

    std::optional<Filter> filter;
};

struct Facet {
    explicit Facet(const Json& request);
    std::string run(const Collection& collection) const;

    Path key;
    std::uint64_t limit = 10;
    std::optional<Filter> filter;
};

std::string read_one(const Collection& collection, const PointId& id);

// "order_by": a key, or an object with key, direction and start_from.
Scroll::Order parse_order(const Json& value);
// Points by the values of their payload, a point once per value; `limit` of them.
struct Ordered {
    Json value;
    const PointId* id;
    const Point* point;
};
std::vector<Ordered> ordered_points(const Collection& collection, const Scroll::Order& order,
                                    const std::optional<Filter>& filter, std::uint64_t limit);

// The parts that every reply with points has. `with_vector` is null, a boolean or a list of names.
void write_vectors(std::string& out, const Collection& collection, const Point& point,
                   const Json& with_vector);
void write_payload(std::string& out, const Point& point, const PayloadSelector& selector);
Json parse_with_vector(const Json& request);
void refuse_shard_key(const Json& request);

}  // namespace halcyon::devstack::qdrant
