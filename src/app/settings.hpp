// Everything that a settings file says, checked across its sections.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/options.hpp"
#include "base/log.hpp"
#include "embed/options.hpp"
#include "mongo/options.hpp"
#include "pipeline/options.hpp"
#include "qdrant/options.hpp"
#include "settings/environment.hpp"
#include "settings/mistake.hpp"
#include "settings/shape.hpp"
#include "settings/value.hpp"
#include "state/options.hpp"

namespace halcyon::app {

struct AppSettings {
    mongo::Options mongodb;
    qdrant::Options qdrant;
    std::map<std::string, embed::EmbedderOptions> embedders;
    /// With `source` (the same in mongodb and qdrant), every route, and one entry of `collections` for each
    /// collection that a route names, whose embedder is there.
    pipeline::PipelineOptions pipeline;
    std::size_t memory = 256 * MiB;  // ceiling of the whole process; at least 96 MiB
    state::Options state;
    admin::AdminOptions http;
    log::Options log;
    /// Where all this was read, and every setting of it for people, secrets masked.
    std::string file;
    std::vector<settings::Shown> shown;
};

struct LoadedSettings {
    std::string file;
    /// Means something only without mistakes.
    AppSettings settings;
    /// In the order of the file.
    std::vector<settings::Mistake> mistakes;
    /// For the start-up log: which environment variables filled gaps, which are not used. Names, never
    /// values.
    std::vector<std::string> notes;
    /// For log::mask.
    std::vector<std::string> secrets;
};

/// Finds the file (-c, HALCYON_CONFIG, ./halcyon.yaml, /etc/halcyon/halcyon.yaml), reads and checks it. A
/// file that is missing is a mistake too. Touches nothing but that file and the files of secrets it names.
LoadedSettings load_settings(const std::optional<std::string>& given,
                             const settings::Environment& environment);

/// The same from text; `file` is only its name in messages.
LoadedSettings read_settings(const std::string& file, std::string_view text,
                             const settings::Environment& environment);

/// The same from values that no file holds; mistakes name `file`, or the origin of each value's place.
LoadedSettings read_settings(const std::string& file, settings::Value root,
                             const settings::Environment& environment);

/// The table: what the parser, the reference and the JSON schema are made of.
const std::vector<settings::FieldDoc>& settings_table();

/// The contents of conf/halcyon.yaml and conf/halcyon.schema.json.
std::string settings_reference();
std::string settings_schema();

}  // namespace halcyon::app
