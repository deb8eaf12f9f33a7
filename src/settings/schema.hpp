// The JSON schema (draft 2020-12) that editors use to complete and check a settings file.
#pragma once

#include <string>
#include <vector>

#include "settings/shape.hpp"

namespace halcyon::settings {

/// Every scalar may also be a `${NAME}`. What a schema can't say (rules between fields) is left to the
/// program.
std::string json_schema(const std::vector<FieldDoc>& fields, const std::string& title);

}  // namespace halcyon::settings
