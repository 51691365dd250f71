#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/json_rules.hpp"
#include "canaryd/text/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "job_file_keys.hpp"
#include "job_file_words.hpp"
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace canaryd::job {
namespace {

constexpr std::size_t max_checks = 16;
constexpr std::size_t most_metrics = built_in_metrics.size() + max_checks;

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

text::rule<std::string> metric_name() {
  return text::text_of("the name of a metric, 1 to 128 characters of A-Z a-z 0-9 _ . -", 1, 128,
                       [](std::string_view name) {
                         return std::ranges::all_of(name, [](char c) {
                           return text::is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
                         });
                       });
}

void read_check(text::json_fields& in, analysis_rules& into) {
  metric_check check;
  const bool named = in.require("metric", check.metric, metric_name());
  check.is_minimum = in.find("min") != nullptr;
  const bool is_maximum = in.find("max") != nullptr;
  if (check.is_minimum && is_maximum)
    in.complain("", "found both max and min, allowed is one of them");
  if (!check.is_minimum && !is_maximum)
    in.complain("", "a limit is missing, required is one of max and min");
  in.read("max", check.limit, text::number_in({}));
  in.read("min", check.limit, text::number_in({}));
  in.refuse_unknown_keys();
  if (!named)
    return;
  if (find_built_in(check.metric) != nullptr)
    in.complain("metric", fmt::format("\"{}\" is always judged: its limit is in "
                                      "rollback_thresholds",
                                      check.metric));
  if (std::ranges::find(into.checks, check.metric, &metric_check::metric) != into.checks.end())
    in.complain("metric", fmt::format("\"{}\" already has a check", check.metric));
  into.checks.push_back(std::move(check));
}

void read_checks(text::json_fields& in, analysis_rules& into) {
  const auto* checks = in.array("checks", 0, max_checks);
  if (checks == nullptr)
    return;
  for (std::size_t i = 0; i < checks->size(); ++i) {
    if (auto check = in.element("checks", *checks, i))
      read_check(*check, into);
  }
}

std::vector<std::string> judged_metrics(const analysis_rules& rules) {
  std::vector<std::string> names;
  for (const auto& metric : built_in_metrics)
    names.emplace_back(metric.name);
  for (const auto& check : rules.checks)
    names.push_back(check.metric);
  return names;
}

// Whether all checks could be read. If not, an unknown metric may be that of a check that could
// not.
bool knows_every_check(text::json_fields& in, const analysis_rules& read) {
  const auto* checks = in.find("checks");
  return checks == nullptr ||
         (checks->is_array() && checks->get_array().size() == read.checks.size());
}

std::string not_judged(std::string_view metric, const std::vector<std::string>& judged) {
  const auto meant = text::nearest(metric, judged);
  const auto known = meant ? fmt::format("did you mean {}?", *meant)
                           : fmt::format("the job judges {}", fmt::join(judged, ", "));
  return fmt::format("no metric \"{}\" is judged: {}", text::printable_excerpt(metric, 100), known);
}

// Requires that the checks have been read.
void read_failure_limits(text::json_fields& in, analysis_rules& into) {
  auto limits = in.object("failure_limits");
  if (!limits)
    return;
  if (limits->members().size() > most_metrics)
    return limits->complain("", fmt::format("found {} metrics, allowed are at most {}",
                                            limits->members().size(), most_metrics));
  const auto judged = judged_metrics(into);
  const bool all_known = knows_every_check(in, into);
  for (const auto& member : limits->members()) {
    std::int32_t limit = 0;
    if (limits->read(member.key(), limit, text::whole_number(1, 1000)))
      into.failure_limits.emplace_back(member.key(), limit);
    if (!contains(judged, member.key()) && all_known)
      limits->complain(member.key(), not_judged(member.key(), judged));
  }
}

// Requires that the checks have been read.
void read_metric_names(text::json_fields& in, std::string_view key, const analysis_rules& read,
                       std::vector<std::string>& into) {
  const auto* metrics = in.array(key, 0, most_metrics);
  if (metrics == nullptr)
    return;
  const auto allowed = metric_name();
  const auto judged = judged_metrics(read);
  const bool all_known = knows_every_check(in, read);
  for (std::size_t i = 0; i < metrics->size(); ++i) {
    auto metric = in.read_element(key, *metrics, i, allowed);
    if (!metric)
      continue;
    if (contains(into, *metric))
      in.complain(key, i, fmt::format("\"{}\" is already listed", *metric));
    else if (!contains(judged, *metric) && all_known)
      in.complain(key, i, not_judged(*metric, judged));
    into.push_back(*std::move(metric));
  }
}

// Only the sequential method can prove anything.
void check_method(text::json_fields& in, const analysis_rules& read) {
  if (read.method == judging_method::sequential || !in.is_sound("method"))
    return;
  constexpr auto* reason = "needs \"method\": \"sequential\": single readings prove nothing";
  if (read.promote_when == promotion_rule::proven)
    in.complain("promote_when", reason);
  if (read.promote_early)
    in.complain("promote_early", reason);
}

}  // namespace

void read_analysis(text::json_fields& in, analysis_rules& into) {
  auto analysis = in.object("analysis");
  if (!analysis)
    return;
  analysis->read("method", into.method, text::one_of(method_words()));
  analysis->read("compare_to", into.compare_to, text::one_of(comparison_words()));
  analysis->read("alpha", into.alpha,
                 text::number_in({.min = 0, .max = 0.5, .above_min = true, .below_max = true}));
  analysis->read("tolerated_ratio", into.tolerated_ratio, text::number_in({.min = 1}));
  analysis->read("promote_when", into.promote_when, text::one_of(promotion_words()));
  analysis->read("promote_early", into.promote_early, text::boolean());
  if (auto limits = analysis->object("hard_limits"))
    read_limits(*limits, into.hard);
  read_checks(*analysis, into);
  read_failure_limits(*analysis, into);
  read_metric_names(*analysis, "dry_run", into, into.dry_run);
  read_metric_names(*analysis, "optional", into, into.optional);
  check_method(*analysis, into);
  analysis->refuse_unknown_keys();
}

}  // namespace canaryd::job
