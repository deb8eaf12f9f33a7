#include <algorithm>

#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/matcher.hpp"

namespace halcyon::devstack::mongo {

IdBounds id_bounds(View filter) {
    IdBounds bounds;
    const Value id = filter["_id"];
    if (!id) return bounds;
    bounds.present = true;
    if (id.type == Type::regex) return bounds;
    if (!is_operators(id)) {
        bounds.exact = true;
        bounds.keys.push_back(key_of(id));
        return bounds;
    }
    for (const Element& element : id.as_document()) {
        const Value& operand = element.value;
        if (element.name == "$eq" && operand.type != Type::regex) {
            bounds.exact = true;
            bounds.keys.push_back(key_of(operand));
        } else if (element.name == "$in" && operand.is_array()) {
            bool regex = false;
            std::vector<std::string> keys;
            for (const Element& item : operand.as_document()) {
                regex |= item.value.type == Type::regex;
                keys.push_back(key_of(item.value));
            }
            if (regex || bounds.exact) continue;
            bounds.exact = true;
            bounds.keys = std::move(keys);
        } else if (operand.type == Type::min_key || operand.type == Type::max_key ||
                   operand.type == Type::null) {
            continue;
        } else if (element.name == "$gt" || element.name == "$gte") {
            bounds.lower = key_of(operand);
        } else if (element.name == "$lt" || element.name == "$lte") {
            bounds.upper = key_of(operand);
        }
    }
    std::sort(bounds.keys.begin(), bounds.keys.end());
    bounds.keys.erase(std::unique(bounds.keys.begin(), bounds.keys.end()), bounds.keys.end());
    return bounds;
}

}  // namespace halcyon::devstack::mongo
