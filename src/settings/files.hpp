// Finding and reading settings files and files of secrets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "settings/environment.hpp"

namespace halcyon::settings {

/// The file to read: `given` (from -c), HALCYON_CONFIG, ./halcyon.yaml, /etc/halcyon/halcyon.yaml; the first
/// two are taken whether or not they exist, the others if they do. Errors: fatal/not_found, naming all four.
Result<std::string> find_file(const std::optional<std::string>& given, const Environment& environment,
                              const std::vector<std::string>& places = {"halcyon.yaml",
                                                                        "/etc/halcyon/halcyon.yaml"});

/// The whole of a regular file, pipe or device, at most `limit` bytes. Errors: fatal/not_found, unauthorized,
/// too_large, invalid (a folder); the context names the path.
Result<std::string> read_file(const std::string& path, std::size_t limit);

}  // namespace halcyon::settings
