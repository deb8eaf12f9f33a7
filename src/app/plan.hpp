// What a run would do and cost, as people and programs read it. Pure.
#pragma once

#include <string>
#include <vector>

#include "pipeline/decide/route_changes.hpp"
#include "pipeline/decide/route_tally.hpp"
#include "pipeline/options.hpp"

namespace halcyon::app {

using pipeline::RoutePlan;
using pipeline::RouteTally;

/// What guards will ask about, and what else an operator should know first.
std::vector<std::string> warnings(const std::vector<RoutePlan>& plans,
                                  const pipeline::PipelineOptions& options, bool compared);
/// Tells each change what its route would cost.
void add_cost(const std::vector<RoutePlan>& plans, std::vector<pipeline::RouteChange>* changes);
/// `changes`: what the settings say otherwise than when the data was made.
std::string plan_text(const std::vector<RoutePlan>& plans, const std::vector<pipeline::RouteChange>& changes,
                      const std::vector<std::string>& warnings);
/// {"compared":..,"routes":[..],"total":{..},"changes":[..],"warnings":[..]}
std::string plan_json(const std::vector<RoutePlan>& plans, const std::vector<pipeline::RouteChange>& changes,
                      const std::vector<std::string>& warnings, bool compared);

}  // namespace halcyon::app
