#include "source_plan.hpp"

#include "canaryd/job/metric_table.hpp"
#include "canaryd/metrics/json_pointer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace canaryd::metrics {
namespace {

constexpr std::array custom_fields{"custom1", "custom2", "custom3", "custom4", "custom5",
                                   "custom6", "custom7", "custom8", "custom9", "custom10"};

// The alternatives of both variants are in the same order.
constexpr std::array kind_names{"prometheus", "json", "odata", "splitter"};

std::string problem_of(const prometheus_metric&) {
  return {};
}

std::string problem_of(const json_metric& metric) {
  if (!is_json_pointer(metric.value))
    return "its value is no JSON pointer, which begins with \"/\"";
  return is_json_pointer(metric.count) ? ""
                                       : "its count is no JSON pointer, which begins with \"/\"";
}

std::string problem_of(const odata_metric& metric) {
  if (metric.figure == odata_figure::slow_rate &&
      (!std::isfinite(metric.above_ms) || metric.above_ms <= 0.0))
    return "above_ms must be greater than 0";
  if (metric.figure != odata_figure::word_rate)
    return {};
  if (std::ranges::find(custom_fields, metric.field) == custom_fields.end())
    return "its field must be one of custom1 to custom10";
  return metric.word.empty() ? "its word is empty" : "";
}

std::string problem_of(const splitter_metric&) {
  return {};
}

std::string problem_with_metric(const std::vector<source>& sources, const sourced_metric& metric) {
  const auto from = std::ranges::find(sources, metric.source, &source::name);
  if (from == sources.end())
    return fmt::format("there is no source \"{}\"", metric.source);
  if (from->kind.index() != metric.from.index())
    return fmt::format("the source \"{}\" is of type {}, and not {}", metric.source,
                       kind_names[from->kind.index()], kind_names[metric.from.index()]);
  return std::visit([](const auto& kind) { return problem_of(kind); }, metric.from);
}

template <class T>
bool is_there_twice(const std::vector<T>& list, const std::string& name) {
  return std::ranges::count(list, name, &T::name) > 1;
}

void put_built_in(judge::metrics_sample& sample, const job::built_in_metric& metric,
                  const measurement& found) {
  value_of(sample, metric) = found.value;
  if (metric.kind == job::metric_kind::share && found.count)
    sample.counts.emplace_back(metric.name, *found.count);
  // A mean of scores and the number of scores are of the same answer.
  if (metric.kind == job::metric_kind::score && found.count)
    sample.satisfaction_count = found.count;
}

void put(judge::metrics_sample& sample, const std::string& name, const measurement& found) {
  if (name == "conversation_count") {
    sample.conversation_count = static_cast<std::int64_t>(double{found.value});
  } else if (name == "satisfaction_count") {
    if (!sample.satisfaction_count)
      sample.satisfaction_count = static_cast<std::int64_t>(double{found.value});
  } else if (const auto* built_in = job::find_built_in(name)) {
    put_built_in(sample, *built_in, found);
  } else {
    sample.further.emplace_back(name, found.value);
    if (found.count)
      sample.counts.emplace_back(name, *found.count);
  }
}

}  // namespace

std::string problem_with(const std::vector<source>& sources,
                         const std::vector<sourced_metric>& metrics) {
  for (const auto& one : sources) {
    if (is_there_twice(sources, one.name))
      return fmt::format("the source \"{}\" is there twice", one.name);
  }
  for (const auto& metric : metrics) {
    if (is_there_twice(metrics, metric.name))
      return fmt::format("the metric \"{}\" is there twice", metric.name);
    if (const auto problem = problem_with_metric(sources, metric); !problem.empty())
      return fmt::format("the metric \"{}\": {}", metric.name, problem);
  }
  return {};
}

bool is_wanted(const sourced_metric& metric, std::span<const std::string> further) {
  return is_count_metric(metric.name) || job::find_built_in(metric.name) != nullptr ||
         std::ranges::find(further, metric.name) != further.end();
}

arm_query lagging(arm_query asked, duration lag) {
  const auto by = std::chrono::duration_cast<wall_time::duration>(lag);
  asked.from -= by;
  asked.to -= by;
  return asked;
}

result<judge::metrics_sample> merge_findings(const std::vector<wanted_metric>& wanted) {
  judge::metrics_sample sample;
  std::vector<error> problems;
  for (const auto& [metric, found] : wanted) {
    if (!found) {
      if (std::ranges::find(problems, found.error().text, &error::text) == problems.end())
        problems.push_back(found.error());
    } else if (*found) {
      put(sample, metric->name, **found);
    }
  }
  if (problems.empty())
    return sample;
  auto all = problems.front();
  for (std::size_t i = 1; i < problems.size(); ++i)
    all.text += "; " + problems[i].text;
  return std::unexpected{std::move(all)};
}

}  // namespace canaryd::metrics
