// The questions of init and how answers are read. Pure but for the one who asks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/init/proposal.hpp"

namespace halcyon::app::init {

/// Shows a question and gives the line that was typed; nothing: there will be no answer any more.
using Ask = std::function<std::optional<std::string>(const std::string& question)>;

/// Each asks again, with the reason, until it understands; an empty line takes the default. Nothing: see Ask.

/// Which of the routes to keep, by index; the default is all. REQUIRES: at least one.
std::optional<std::vector<std::size_t>> ask_routes(const std::vector<RouteProposal>& routes, const Ask& ask);
/// The fields to embed; the default is what the route has. `candidates`: what may be named.
std::optional<std::vector<std::string>> ask_text(const RouteProposal& route,
                                                 const std::vector<std::string>& candidates, const Ask& ask);
/// The default is no.
std::optional<bool> ask_overwrite(const std::string& file, const Ask& ask);

}  // namespace halcyon::app::init
