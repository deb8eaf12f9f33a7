// What a caller may do.
#pragma once

#include <string_view>

namespace halcyon::admin {

/// In the order of rights. `nobody`: no token at all.
enum class Role { nobody, viewer, operator_ };

/// "viewer", "operator", as settings and the API write them; "nobody".
constexpr std::string_view to_string(Role role) {
    return role == Role::operator_ ? "operator" : role == Role::viewer ? "viewer" : "nobody";
}

}  // namespace halcyon::admin
