// What a first run would cost, from samples. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "app/plan.hpp"

namespace halcyon::app::init {

/// Counted as `halcyon plan` counts, over the sample, and stretched to `documents`: exact where the sample is
/// everything. Nothing is held yet.
RoutePlan estimate(render::Route route, EmbedderLimits limits, const std::vector<Document>& sample,
                   std::uint64_t documents);

}  // namespace halcyon::app::init
