#include "canaryd/job/job.hpp"

#include "canaryd/job/metric_table.hpp"

#include <algorithm>

namespace canaryd::job {

bool is_sequential(const job& spec) {
  return spec.analysis.method == judging_method::sequential;
}

bool compares_with_limits(const job& spec) {
  return spec.analysis.compare_to != comparison::stable;
}

bool compares_with_stable(const job& spec) {
  return spec.analysis.compare_to != comparison::limit;
}

bool is_dry_run(const job& spec, std::string_view metric) {
  return std::ranges::find(spec.analysis.dry_run, metric) != spec.analysis.dry_run.end();
}

bool is_optional(const job& spec, std::string_view metric) {
  return std::ranges::find(spec.analysis.optional, metric) != spec.analysis.optional.end();
}

std::vector<std::string> further_metrics(const job& spec) {
  std::vector<std::string> names;
  for (const auto& check : spec.analysis.checks)
    names.push_back(check.metric);
  return names;
}

worse_side worse_of(const metric_check& check) {
  return check.is_minimum ? worse_side::lower : worse_side::higher;
}

std::optional<worse_side> worse_of(std::string_view metric, std::span<const metric_check> checks) {
  if (const auto* known = find_built_in(metric))
    return known->worse;
  const auto found = std::ranges::find(checks, metric, &metric_check::metric);
  return found == checks.end() ? std::nullopt : std::optional{worse_of(*found)};
}

}  // namespace canaryd::job
