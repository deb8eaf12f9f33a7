// Metrics as Prometheus reads them, and as people do.
#pragma once

#include <string>

#include "admin/metrics/table.hpp"

namespace halcyon::admin {

/// The text format 0.0.4. A metric without a series is left out.
std::string metrics_text(const Scrape& scrape);
inline constexpr auto metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// docs/metrics.md, made from the table.
std::string metrics_reference();

}  // namespace halcyon::admin
