// The settings file that init writes. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/init/proposal.hpp"

namespace halcyon::app::init {

struct Proposal {
    std::string mongodb;  // connection string as given, maybe with a password
    std::string qdrant;   // URL
    std::string embedder = "lexical";
    std::vector<RouteProposal> routes;
    /// Collections without a route, and why.
    std::vector<std::pair<std::string, std::string>> not_routed;
};

/// A connection string that may be written down: without password, and without the options that hold secrets.
/// REQUIRES: the driver takes it.
struct PublicUri {
    std::string text;
    bool had_secrets = false;
};
PublicUri public_uri(const std::string& uri);

/// YAML with comments, which read_settings takes without an environment; no secret is in it. REQUIRES: every
/// route has a text and a name.
std::string settings_text(const Proposal& proposal);

}  // namespace halcyon::app::init
