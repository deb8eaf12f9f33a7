// What is measured: names, labels, meaning, and where each figure comes from. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/metrics/process.hpp"
#include "api/overview_json.hpp"
#include "core/ports/job_control.hpp"

namespace halcyon::admin {

/// All that one scrape shows, gathered at one moment.
struct Scrape {
    api::Snapshot snapshot;
    std::vector<Job> jobs;
    std::optional<ProcessFigures> process;  // nothing: the system does not tell
};

enum class MetricType { gauge, counter, histogram };

/// One series of a metric. A figure that is not known has no series: it is never 0.
struct Sample {
    std::vector<std::string> labels;  // by position of Metric::labels
    double value = 0;
    const Histogram* histogram = nullptr;  // of the Scrape; instead of the value
};
using Samples = std::vector<Sample>;

struct Metric {
    std::string_view name;
    MetricType type;
    /// Their values are few: names from the settings, states, codes. Never ids or texts.
    std::vector<std::string_view> labels;
    std::string_view help;
    void (*read)(const Scrape& scrape, Samples& out);
};

struct MetricSection {
    std::string_view title;
    std::vector<Metric> metrics;
};

/// Every metric there is, in the order in which they are shown.
const std::vector<MetricSection>& metric_sections();

/// Sections of single files, for metric_sections.
std::vector<Metric> sidecar_metrics();
std::vector<Metric> stream_metrics();
std::vector<Metric> route_metrics();
std::vector<Metric> stored_metrics();
std::vector<Metric> lane_metrics();
std::vector<Metric> work_metrics();
std::vector<Metric> beside_metrics();
std::vector<Metric> time_metrics();
std::vector<Metric> process_metrics();

}  // namespace halcyon::admin
