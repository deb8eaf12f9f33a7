#pragma once

namespace halcyon::admin {

/// In the order of rights. `nobody`: no token at all.
enum class Role { nobody, viewer, operator_ };

}  // namespace halcyon::admin
