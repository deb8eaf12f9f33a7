// `halcyon init`: a settings file from a look at a deployment.
#pragma once

#include <string>

#include "cli/exit_code.hpp"
#include "settings/environment.hpp"

namespace halcyon::app {

struct InitOptions {
    std::string mongodb;   // empty: MONGODB_URI of the environment
    std::string database;  // empty: all that the user may read
    std::string qdrant = "http://127.0.0.1:6333";
    std::string embedder = "lexical";
    std::string output = "halcyon.yaml";
    bool yes = false;   // take the defaults; never for writing over a file
    bool json = false;  // the same, and JSON on standard output
};

/// Reads MongoDB and writes `output`, nothing else; asks on a terminal. See docs/operating.md, "Beginning".
cli::Exit init_command(const InitOptions& options, const settings::Environment& environment);

}  // namespace halcyon::app
