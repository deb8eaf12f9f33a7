// What init found and what follows, for people and for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/init/settings_text.hpp"
#include "app/plan.hpp"

namespace halcyon::app::init {

/// A paragraph for each route, what was left, and the table that `halcyon plan` prints.
std::string report_text(const Proposal& proposal, const std::vector<RoutePlan>& plans,
                        const std::vector<std::string>& warnings);
/// {"file":..,"password_removed":..,"routes":[..],"not_routed":[..],"plan":{..}}
std::string report_json(const Proposal& proposal, const std::string& file,
                        const std::vector<RoutePlan>& plans, const std::vector<std::string>& warnings);
/// The commands to go on with. `set`: MONGODB_URI holds the password already.
std::string next_steps(const Proposal& proposal, const std::string& file, bool set);

}  // namespace halcyon::app::init
