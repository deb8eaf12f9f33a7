// One collection: its points and indexes, and what may happen to them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "devstack/qdrant/config.hpp"
#include "devstack/qdrant/filter.hpp"
#include "devstack/qdrant/point.hpp"
#include "devstack/qdrant/update.hpp"

namespace halcyon::devstack::qdrant {

class Collection {
  public:
    explicit Collection(CollectionConfig config);

    CollectionConfig& config() { return config_; }
    const CollectionConfig& config() const { return config_; }
    const Points& points() const { return points_; }
    const Indexes& indexes() const { return indexes_; }
    Matcher matcher() const { return {indexes_, names_}; }
    // Throws Refused "Not existing vector name error".
    std::size_t slot(const std::string& name) const;

    // What the real server refuses before an operation enters its queue: nothing, too much, wrong sizes,
    // strict mode. Throws Refused.
    void check(const Update& update) const;
    // Numbers and applies. Throws Refused, with a part applied where the real server leaves a part applied.
    std::uint64_t apply(Update update);
    std::uint64_t last_operation() const { return operations_; }
    std::uint64_t set_index(const std::string& field, Index index);
    std::uint64_t delete_index(const std::string& field);

    // Strict mode's rule on filters. Throws Refused.
    void check_filter(const std::optional<Filter>& filter, bool update) const;
    // How many points hold a value that the index takes.
    std::uint64_t indexed_points(const std::string& field, const Index& index) const;

  private:
    void put(NewPoint& point, std::uint64_t operation);
    void store(Point& point, std::vector<std::pair<std::string, Vector>>& vectors) const;
    void check_sizes(const std::vector<NewPoint>& points) const;
    // Calls `each(point)` for every selected point, then refuses if an id had none.
    template <class F>
    void for_selected(const Selector& selector, std::uint64_t operation, F&& each);

    void run(Upsert& upsert, std::uint64_t operation);
    void run(const DeletePoints& points, std::uint64_t operation);
    void run(const SetPayload& set, std::uint64_t operation);
    void run(const DeletePayload& keys, std::uint64_t operation);
    void run(const ClearPayload& points, std::uint64_t operation);
    void run(UpdateVectors& vectors, std::uint64_t operation);
    void run(const DeleteVectors& vectors, std::uint64_t operation);

    CollectionConfig config_;
    std::vector<std::string> names_;  // of the vectors, in the config's order
    Points points_;
    Indexes indexes_;
    std::uint64_t operations_ = 0;
};

// What an index of the type takes of a payload's value.
bool takes(const std::string& type, const Json& value);
// Scales to length 1, as the real server does with what a cosine collection stores and is asked.
void normalise(Vector& vector);
// Strict mode's "Limit exceeded 3 > 2 for ..".
void check_limit(std::uint64_t value, const std::optional<std::uint64_t>& limit, const std::string& name);

}  // namespace halcyon::devstack::qdrant
