#include "admin/telemetry/merge_patch.hpp"

#include <boost/json.hpp>

namespace halcyon::admin {

namespace json = boost::json;

json::object merge_patch(const json::object& before, const json::object& after) {
    json::object patch;
    for (const auto& [name, value] : before)
        if (!after.contains(name)) patch[name] = nullptr;
    for (const auto& [name, value] : after) {
        const auto* old = before.if_contains(name);
        if (!old || old->is_object() != value.is_object()) {
            patch[name] = value;
        } else if (value.is_object()) {
            if (auto inner = merge_patch(old->get_object(), value.get_object()); !inner.empty())
                patch[name] = std::move(inner);
        } else if (*old != value) {
            patch[name] = value;
        }
    }
    return patch;
}

void drop_nulls(json::object& object) {
    for (auto at = object.begin(); at != object.end();) {
        if (at->value().is_null()) {
            at = object.erase(at);
            continue;
        }
        if (at->value().is_object()) drop_nulls(at->value().get_object());
        ++at;
    }
}

}  // namespace halcyon::admin
