// The sections of the settings file, put together.
#pragma once

#include <map>
#include <string>

#include "app/settings.hpp"
#include "settings/fields.hpp"

namespace halcyon::app {

/// The file as it is written, before the sections are composed.
struct WrittenSettings {
    AppSettings app;
    std::string source = "mongodb";
    std::map<std::string, pipeline::CollectionOptions> collections;
    bool snapshot = true;
};

const settings::Fields<WrittenSettings>& table();

}  // namespace halcyon::app
