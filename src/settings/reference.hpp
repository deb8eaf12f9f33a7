// The reference: a whole settings file with every field explained.
#pragma once

#include <string>
#include <vector>

#include "settings/shape.hpp"

namespace halcyon::settings {

/// Valid YAML: each field under a comment with its help, what it takes and its default; its value is the
/// example, else the default; one that has neither, or is marked so, is commented out. `head` comes first, as
/// comment.
std::string reference(const std::vector<FieldDoc>& fields, const std::string& head);

}  // namespace halcyon::settings
