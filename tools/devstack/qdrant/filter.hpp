// Filters: read strictly (what isn't known is refused, never passed over), then asked point by point.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "devstack/qdrant/json.hpp"
#include "devstack/qdrant/path.hpp"
#include "devstack/qdrant/point.hpp"

namespace halcyon::devstack::qdrant {

// Payload indexes by field: the type ("keyword", "text", ..) and the parameters as they were given, or null.
struct Index {
    std::string type;
    Json params;
};
using Indexes = std::map<std::string, Index>;

struct MatchValue {
    Json value;
};
struct MatchAny {
    std::vector<Json> values;
    bool except = false;
};
struct MatchText {
    enum class Kind { all_words, any_word, phrase };
    Kind kind = Kind::all_words;
    std::string text;
};
// Bounds of numbers, of dates (microseconds) or of a count of values.
template <class T>
struct Bounds {
    std::optional<T> lt, gt, lte, gte;
    bool hold(T value) const {
        return (!lt || value < *lt) && (!gt || value > *gt) && (!lte || value <= *lte) &&
               (!gte || value >= *gte);
    }
};
struct NumberRange : Bounds<double> {};
struct DateRange : Bounds<std::int64_t> {};
struct CountRange : Bounds<std::uint64_t> {};
struct GeoCircle {
    double lon = 0, lat = 0, metres = 0;
};
struct GeoBox {
    double west = 0, north = 0, east = 0, south = 0;
};
struct IsEmpty {
    bool wanted = true;
};
struct IsNull {
    bool wanted = true;
};

struct Filter;

struct FieldCondition {
    using Test = std::variant<MatchValue, MatchAny, MatchText, NumberRange, DateRange, CountRange, GeoCircle,
                              GeoBox, IsEmpty, IsNull>;
    Path key;
    std::vector<Test> tests;  // one at least; one that holds is enough, as in the real server
};
struct HasId {
    std::set<PointId> ids;
};
struct HasVector {
    std::string name;
};
struct Nested {
    Path key;
    std::shared_ptr<const Filter> filter;
};
using Condition = std::variant<FieldCondition, HasId, HasVector, Nested, std::shared_ptr<const Filter>>;

struct Filter {
    std::vector<Condition> must, should, must_not, min_should;
    std::uint64_t min_count = 0;  // of min_should

    // Throws Refused.
    static Filter parse(const Json& value);
    // The filter in a request's field; none where it is absent or null.
    static std::optional<Filter> field(const Json& request, std::string_view name);
};

struct Matcher {
    const Indexes& indexes;
    const std::vector<std::string>& vector_names;

    bool holds(const Filter& filter, const PointId& id, const Point& point) const;
};

// Calls `each(field, types)` for every field that a filter asks, with the index types that would serve it.
void for_each_indexable(const Filter& filter,
                        const std::function<void(const std::string&, const std::vector<std::string>&)>& each);

// Lower-case words, as the text index takes them with its default tokenizer.
std::vector<std::string> words(std::string_view text);

}  // namespace halcyon::devstack::qdrant
