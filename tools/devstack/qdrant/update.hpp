// What changes points: read from a request's body, then applied by the collection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "devstack/qdrant/filter.hpp"
#include "devstack/qdrant/path.hpp"
#include "devstack/qdrant/point.hpp"

namespace halcyon::devstack::qdrant {

struct Selector {
    std::vector<PointId> ids;
    std::optional<Filter> filter;  // instead of ids
};

struct Upsert {
    enum class Mode { upsert, insert_only, update_only };
    std::vector<NewPoint> points;
    std::optional<Filter>
        update_filter;  // existing points that don't match stay; new ones are never held back
    Mode mode = Mode::upsert;
};
struct DeletePoints {
    Selector points;
};
struct SetPayload {
    Json payload;
    Selector points;
    std::optional<Path> key;
    bool overwrite = false;
};
struct DeletePayload {
    std::vector<Path> keys;
    Selector points;
};
struct ClearPayload {
    Selector points;
};
struct UpdateVectors {
    std::vector<NewPoint> points;  // without payloads
    std::optional<Filter> update_filter;
};
struct DeleteVectors {
    std::vector<std::string> names;
    Selector points;
};

using Update =
    std::variant<Upsert, DeletePoints, SetPayload, DeletePayload, ClearPayload, UpdateVectors, DeleteVectors>;

// `kind` is a field's name in /points/batch: upsert, delete, set_payload, overwrite_payload, delete_payload,
// clear_payload, update_vectors, delete_vectors. Throws Refused.
Update parse_update(std::string_view kind, std::string_view body);
std::vector<Update> parse_batch(std::string_view body);

}  // namespace halcyon::devstack::qdrant
