// Points and their ids.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devstack/qdrant/json.hpp"

namespace halcyon::devstack::qdrant {

// Unsigned integers stand before UUIDs, as in the real server's order.
class PointId {
  public:
    explicit PointId(std::uint64_t number = 0) : number_(number) {}
    // A UUID in one of its forms: hyphens or none, braces, "urn:uuid:", any case.
    static std::optional<PointId> from_uuid(std::string_view text);
    // An id in a URL's path.
    static std::optional<PointId> from_path(std::string_view text);
    // Throws Refused: "value bad is not a valid point ID, ..".
    static PointId from_json(const Json& value, bool at_end);

    Json json() const;
    std::string text() const;
    auto operator<=>(const PointId&) const = default;

  private:
    bool is_uuid_ = false;
    std::uint64_t number_ = 0;
    std::array<unsigned char, 16> uuid_{};
};

using Vector = std::vector<float>;

// What a request brings: vectors by name; the unnamed one has the name "".
struct NewPoint {
    PointId id;
    std::vector<std::pair<std::string, Vector>> vectors;
    Json payload;  // null or an object
};

struct Point {
    std::vector<Vector> vectors;  // one per vector of the collection, in its order; empty: the point has none
    Json payload = Json::Object{};
    std::uint64_t version = 0;  // the operation that wrote it last
};

using Points = std::map<PointId, Point>;

}  // namespace halcyon::devstack::qdrant
