// "Did you mean": the nearest of the names that are known.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::settings {

/// The known name within a third of its length in edits (insert, delete, replace, swap of neighbours; case
/// and
/// `_` against `-` count nothing), or that begins with what was written; nothing if there is none.
std::optional<std::string> similar(std::string_view written, const std::vector<std::string>& known);

}  // namespace halcyon::settings
