// The description of the HTTP interface: src/api/openapi.json, inside the program.
#pragma once

#include <string_view>

namespace halcyon::api {

/// OpenAPI 3.1 as JSON; its version is the program's. Lives as long as the program.
std::string_view openapi_json();

}  // namespace halcyon::api
