// One route from flags alone: `halcyon run --from shop.products --text name,description`.
#pragma once

#include <optional>
#include <string>

#include "app/settings.hpp"

namespace CLI {
class App;
}

namespace halcyon::app {

/// As typed; nothing: the flag was not given.
struct RouteFlags {
    std::optional<std::string> mongodb, qdrant, from, to, text, payload, embedder, state, listen;
    /// One of them is enough: then no settings file is looked for.
    bool given() const;
};

/// REQUIRES: `flags` outlives the command.
void add_route_flags(CLI::App& command, RouteFlags& flags);

/// The settings that the flags mean, checked as a file's are; a mistake's place names the flag. What they
/// leave out: MONGODB_URI, QDRANT_URL, QDRANT_API_KEY, EMBEDDING_SERVICE_URL and OPENAI_API_KEY of the
/// environment, then the settings' defaults; `to` is the collection's own name, the embedder lexical, and the
/// state in $XDG_STATE_HOME/halcyon, or ./halcyon-state without that variable. The last of `notes` says what
/// was settled on. Touches nothing.
LoadedSettings read_flags(const RouteFlags& flags, const settings::Environment& environment);

/// The model that an embedder of this type is proposed with; empty: none is needed.
std::string usual_model(const std::string& embedder_type);

}  // namespace halcyon::app
