// The receiving side of merge patches, word for word from RFC 7396, 2.
#pragma once

#include <boost/json.hpp>

namespace halcyon::testing {

inline boost::json::value merge_patched(boost::json::value target, const boost::json::value& patch) {
    if (!patch.is_object()) return patch;
    if (!target.is_object()) target = boost::json::object();
    auto& object = target.get_object();
    for (const auto& [name, value] : patch.get_object()) {
        if (value.is_null())
            object.erase(name);
        else
            object[name] = merge_patched(object.contains(name) ? object.at(name) : nullptr, value);
    }
    return target;
}

}  // namespace halcyon::testing
