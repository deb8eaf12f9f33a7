#include "devstack/qdrant/collection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "devstack/qdrant/datetime.hpp"
#include "devstack/qdrant/refused.hpp"

namespace halcyon::devstack::qdrant {
namespace {

const Selector* selector_of(const Update& update) {
    return std::visit(
        [](const auto& u) -> const Selector* {
            if constexpr (requires { u.points.ids; })
                return &u.points;
            else
                return nullptr;
        },
        update);
}

const std::vector<NewPoint>* points_of(const Update& update) {
    if (const auto* upsert = std::get_if<Upsert>(&update)) return &upsert->points;
    if (const auto* vectors = std::get_if<UpdateVectors>(&update)) return &vectors->points;
    return nullptr;
}

Refused no_point(const PointId& id) { return not_found("No point with id " + id.text() + " found"); }

}  // namespace

void normalise(Vector& vector) {
    float square = 0;
    for (const float x : vector) square += x * x;
    if (square < std::numeric_limits<float>::epsilon() || std::abs(square - 1.0F) <= 1.0e-6F) return;
    const float length = std::sqrt(square);
    for (float& x : vector) x /= length;
}

bool takes(const std::string& type, const Json& value) {
    if (const auto* items = value.array())
        return std::any_of(items->begin(), items->end(),
                           [&](const Json& item) { return !item.array() && takes(type, item); });
    if (type == "keyword" || type == "text") return value.text() != nullptr;
    if (type == "integer") return value.is_integer();
    if (type == "float") return value.is_number();
    if (type == "bool") return value.boolean() != nullptr;
    if (type == "datetime") return value.text() && parse_datetime(*value.text());
    if (type == "uuid") return value.text() && PointId::from_uuid(*value.text());
    return value.find("lon") && value.find("lat");
}

void check_limit(std::uint64_t value, const std::optional<std::uint64_t>& limit, const std::string& name) {
    if (!limit || value <= *limit) return;
    throw bad_request("Limit exceeded " + std::to_string(value) + " > " + std::to_string(*limit) + " for \"" +
                      name + "\". Help: Reduce the \"" + name + "\" parameter to or below " +
                      std::to_string(*limit) + ".");
}

Collection::Collection(CollectionConfig config) : config_(std::move(config)) {
    for (const auto& vector : config_.vectors()) names_.push_back(vector.name);
}

std::size_t Collection::slot(const std::string& name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end()) throw wrong_input("Not existing vector name error: " + name);
    return static_cast<std::size_t>(at - names_.begin());
}

void Collection::check_sizes(const std::vector<NewPoint>& points) const {
    for (const NewPoint& point : points) {
        for (const auto& [name, vector] : point.vectors) {
            const auto at = std::find(names_.begin(), names_.end(), name);
            if (at == names_.end()) continue;  // refused when it is applied
            const std::size_t size = config_.vectors()[static_cast<std::size_t>(at - names_.begin())].size;
            if (vector.size() != size)
                throw wrong_input("Vector dimension error: expected dim: " + std::to_string(size) + ", got " +
                                  std::to_string(vector.size()));
        }
    }
}

void Collection::check_filter(const std::optional<Filter>& filter, bool update) const {
    if (!filter || (update ? config_.strict().unindexed_update : config_.strict().unindexed_read)) return;
    for_each_indexable(*filter, [&](const std::string& field, const std::vector<std::string>& types) {
        const auto index = indexes_.find(field);
        if (index != indexes_.end() &&
            std::find(types.begin(), types.end(), index->second.type) != types.end())
            return;
        std::string list;
        for (const auto& type : types) list += (list.empty() ? "" : ", ") + type;
        throw bad_request("Index required but not found for \"" + field +
                          "\" of one of the following types: [" + list +
                          "]. Help: Create an index for this key or use a different filter.");
    });
}

void Collection::check(const Update& update) const {
    if (const auto* selector = selector_of(update)) {
        if (!selector->filter && selector->ids.empty()) throw bad_request("Empty update request");
        check_filter(selector->filter, true);
    }
    if (const auto* points = points_of(update)) {
        if (points->empty()) throw bad_request("Empty update request");
        check_limit(points->size(), config_.strict().upsert_batch, "upsert limit");
        check_sizes(*points);
    }
    if (const auto* upsert = std::get_if<Upsert>(&update)) check_filter(upsert->update_filter, true);
}

std::uint64_t Collection::apply(Update update) {
    const std::uint64_t operation = ++operations_;
    std::visit([&](auto& u) { run(u, operation); }, update);
    return operation;
}

// Creating an index takes two operations in the recorded server: the old index goes, then the new one is
// built.
std::uint64_t Collection::set_index(const std::string& field, Index index) {
    indexes_.insert_or_assign(field, std::move(index));
    return operations_ += 2;
}

std::uint64_t Collection::delete_index(const std::string& field) {
    indexes_.erase(field);
    return operations_ += 2;
}

std::uint64_t Collection::indexed_points(const std::string& field, const Index& index) const {
    const Path path = Path::parse(field);
    return static_cast<std::uint64_t>(std::count_if(points_.begin(), points_.end(), [&](const auto& entry) {
        const auto values = path.values(entry.second.payload);
        return std::any_of(values.begin(), values.end(),
                           [&](const Json* v) { return takes(index.type, *v); });
    }));
}

void Collection::store(Point& point, std::vector<std::pair<std::string, Vector>>& vectors) const {
    for (auto& [name, vector] : vectors) {
        const std::size_t at = slot(name);
        if (config_.vectors()[at].distance == Distance::cosine) normalise(vector);
        vector.shrink_to_fit();
        point.vectors[at] = std::move(vector);
    }
}

void Collection::put(NewPoint& from, std::uint64_t operation) {
    Point point;
    point.vectors.resize(names_.size());
    store(point, from.vectors);
    if (from.payload.object()) point.payload = std::move(from.payload);
    point.version = operation;
    points_.insert_or_assign(from.id, std::move(point));
}

void Collection::run(Upsert& upsert, std::uint64_t operation) {
    for (NewPoint& point : upsert.points) {
        const auto old = points_.find(point.id);
        const bool exists = old != points_.end();
        if (exists && upsert.mode == Upsert::Mode::insert_only) continue;
        if (!exists && upsert.mode == Upsert::Mode::update_only) continue;
        if (exists && upsert.update_filter &&
            !matcher().holds(*upsert.update_filter, old->first, old->second))
            continue;
        put(point, operation);
    }
}

template <class F>
void Collection::for_selected(const Selector& selector, std::uint64_t operation, F&& each) {
    if (selector.filter) {
        for (auto& [id, point] : points_) {
            if (!matcher().holds(*selector.filter, id, point)) continue;
            each(point);
            point.version = operation;
        }
        return;
    }
    const PointId* missing = nullptr;
    for (const PointId& id : selector.ids) {
        const auto at = points_.find(id);
        if (at == points_.end()) {
            if (missing == nullptr) missing = &id;
            continue;
        }
        each(at->second);
        at->second.version = operation;
    }
    if (missing != nullptr) throw no_point(*missing);
}

void Collection::run(const DeletePoints& doomed, std::uint64_t) {
    if (doomed.points.filter) {
        std::erase_if(points_, [&](const auto& entry) {
            return matcher().holds(*doomed.points.filter, entry.first, entry.second);
        });
    }
    for (const PointId& id : doomed.points.ids) points_.erase(id);
}

void Collection::run(const SetPayload& set, std::uint64_t operation) {
    for_selected(set.points, operation, [&](Point& point) {
        if (set.overwrite)
            point.payload = set.payload;
        else if (set.key)
            set.key->merge(point.payload, set.payload);
        else
            merge_fields(point.payload, set.payload);
    });
}

void Collection::run(const DeletePayload& gone, std::uint64_t operation) {
    for_selected(gone.points, operation, [&](Point& point) {
        for (const Path& key : gone.keys) key.erase(point.payload);
    });
}

void Collection::run(const ClearPayload& cleared, std::uint64_t operation) {
    for_selected(cleared.points, operation, [](Point& point) { point.payload = Json::Object{}; });
}

void Collection::run(UpdateVectors& update, std::uint64_t operation) {
    const PointId* missing = nullptr;
    for (NewPoint& from : update.points) {
        const auto at = points_.find(from.id);
        if (at == points_.end()) {
            if (missing == nullptr) missing = &from.id;
            continue;
        }
        if (update.update_filter && !matcher().holds(*update.update_filter, at->first, at->second)) continue;
        store(at->second, from.vectors);
        at->second.version = operation;
    }
    if (missing != nullptr) throw no_point(*missing);
}

void Collection::run(const DeleteVectors& gone, std::uint64_t operation) {
    std::vector<std::size_t> slots;
    for (const auto& name : gone.names) slots.push_back(slot(name));
    for_selected(gone.points, operation, [&](Point& point) {
        for (const std::size_t at : slots) point.vectors[at].clear();
    });
}

}  // namespace halcyon::devstack::qdrant
