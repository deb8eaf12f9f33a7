#include "admin/metrics/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

namespace halcyon::admin {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

prometheus::MetricType type_of(MetricType type) {
    switch (type) {
        case MetricType::gauge:
            return prometheus::MetricType::Gauge;
        case MetricType::counter:
            return prometheus::MetricType::Counter;
        case MetricType::histogram:
            return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

std::string_view name_of(MetricType type) {
    switch (type) {
        case MetricType::gauge:
            return "gauge";
        case MetricType::counter:
            return "counter";
        case MetricType::histogram:
            return "histogram";
    }
    return "";
}

ClientMetric::Histogram cumulative(const Histogram& h) {
    ClientMetric::Histogram out;
    out.sample_sum = h.sum();
    for (std::size_t i = 0; i < h.counts().size(); ++i) {
        out.sample_count += h.counts()[i];
        const auto bound =
            i < Histogram::bounds.size() ? Histogram::bounds[i] : std::numeric_limits<double>::infinity();
        out.bucket.push_back({out.sample_count, bound});
    }
    return out;
}

ClientMetric client_metric(const Metric& metric, const Sample& sample) {
    ClientMetric out;
    for (std::size_t i = 0; i < metric.labels.size(); ++i)
        out.label.push_back({std::string(metric.labels[i]), sample.labels.at(i)});
    if (metric.type == MetricType::histogram)
        out.histogram = cumulative(*sample.histogram);
    else if (metric.type == MetricType::counter)
        out.counter.value = sample.value;
    else
        out.gauge.value = sample.value;
    return out;
}

std::vector<MetricFamily> families(const Scrape& scrape) {
    std::vector<MetricFamily> out;
    Samples samples;
    for (const auto& section : metric_sections())
        for (const auto& metric : section.metrics) {
            samples.clear();
            metric.read(scrape, samples);
            if (samples.empty()) continue;
            MetricFamily family{std::string(metric.name), std::string(metric.help), type_of(metric.type), {}};
            family.metric.reserve(samples.size());
            for (const auto& sample : samples) family.metric.push_back(client_metric(metric, sample));
            out.push_back(std::move(family));
        }
    return out;
}

constexpr std::string_view introduction = R"(# Metrics

`GET /metrics` answers in Prometheus' text format (role `viewer`; [tokens](http-api.md#who-may-call) as everywhere). Figures are taken
when they are asked for; counters begin at 0 with the process. What is not known is absent, never 0. This page is made from the
program's own table by `halcyon-conf conf docs`.

```yaml
scrape_configs:
  - job_name: halcyon            # the name that the rules below use
    authorization: { credentials_file: /etc/prometheus/halcyon.token }   # only with http.tokens
    static_configs: [{ targets: ["127.0.0.1:8686"] }]
rule_files: [/etc/prometheus/halcyon/alerts.yaml]                        # conf/prometheus/alerts.yaml
```

[conf/prometheus/alerts.yaml](../conf/prometheus/alerts.yaml) has rules for what somebody must see; each names the part of
[operating.md](operating.md) that says what to do. [conf/grafana/halcyon.json](../conf/grafana/halcyon.json) is a dashboard for Grafana 10
and later: import it and choose the data source.

Labels are few: names from the settings, states and codes; never ids or texts. A collection has about 30 series, a route 7.
)";

}  // namespace

std::string metrics_text(const Scrape& scrape) {
    return prometheus::TextSerializer().prometheus::Serializer::Serialize(families(scrape));
}

std::string metrics_reference() {
    std::string out(introduction);
    for (const auto& section : metric_sections()) {
        out += fmt::format("\n## {}\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n",
                           section.title);
        for (const auto& m : section.metrics)
            out += fmt::format("| `{}` | {} | {} | {} |\n", m.name, name_of(m.type),
                               fmt::join(m.labels, ", "), m.help);
    }
    return out;
}

}  // namespace halcyon::admin
