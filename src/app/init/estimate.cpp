#include "app/init/estimate.hpp"

#include <algorithm>
#include <cmath>

namespace halcyon::app::init {

RoutePlan estimate(render::Route route, EmbedderLimits limits, const std::vector<Document>& sample,
                   std::uint64_t documents) {
    RouteTally tally(std::move(route), limits);
    std::uint64_t bytes = 0;
    for (const auto& document : sample) {
        tally.add(document, {});
        if (const auto wanted = tally.route().want(document)) bytes += wanted.value().text.size();
    }
    auto plan = tally.finish();
    if (sample.empty() || documents <= sample.size()) return plan;
    const double factor = static_cast<double>(documents) / static_cast<double>(sample.size());
    const auto stretch = [factor](std::uint64_t n) {
        return static_cast<std::uint64_t>(std::llround(static_cast<double>(n) * factor));
    };
    for (auto* n : {&plan.left_out, &plan.refused, &plan.embed, &plan.texts, &plan.characters})
        *n = stretch(*n);
    plan.documents = documents;
    // A sample fills its last request no further than it goes; all documents fill them.
    const auto full = [](std::uint64_t n, std::size_t most) { return (n + most - 1) / most; };
    plan.requests = std::max(full(plan.texts, limits.texts), full(stretch(bytes), limits.bytes));
    return plan;
}

}  // namespace halcyon::app::init
