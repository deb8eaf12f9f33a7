// A request's target: the parts of its path and its query parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halcyon::devstack::qdrant {

struct Target {
    explicit Target(std::string_view target);
    // Null where there is none.
    const std::string* parameter(std::string_view name) const;

    std::vector<std::string> parts;  // decoded, between the slashes
    std::vector<std::pair<std::string, std::string>> parameters;
};

}  // namespace halcyon::devstack::qdrant
