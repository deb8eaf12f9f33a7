// The settings that are in effect, for people: what GET /v1/settings shows.
#pragma once

#include <string>
#include <vector>

#include "app/settings_table.hpp"
#include "settings/value.hpp"

namespace halcyon::app {

/// Every setting in the order of the table, a collection that only routes name with its defaults. Secrets are
/// masked as "***", also where they stand inside of another value, and so is what an address has before "@".
/// `root`: the file.
std::vector<settings::Shown> shown_settings(const WrittenSettings& written, const settings::Value& root,
                                            const std::vector<std::string>& secrets);

/// {"file":"..","settings":[{"path","value","set"}]}
std::string settings_json(const AppSettings& settings);

}  // namespace halcyon::app
