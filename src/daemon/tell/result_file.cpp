#include "canaryd/daemon/tell/result_file.hpp"

#include "canaryd/judge/odds_text.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/json_write.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <iterator>

namespace canaryd::daemon {
namespace json = boost::json;
namespace {

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value{} : json::value(text);
}

json::value time_or_null(wall_time time) {
  return time == wall_time{} ? json::value{} : json::value(text::format_wall_time(time));
}

template <class T>
json::value value_or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value{};
}

json::value final_metrics(const std::optional<judge::reading>& newest) {
  if (!newest || newest->outcome == judge::verdict::provider_error)
    return nullptr;
  json::object metrics;
  for (const auto& metric : newest->metrics)
    metrics[metric.name] = value_or_null(metric.value);
  metrics["conversation_count"] = value_or_null(newest->conversations);
  return metrics;
}

json::array describe_steps(const job::job& spec) {
  json::array steps;
  for (const auto& step : spec.steps) {
    json::object shown{{"canary", step.canary_percent}, {"hold", text::format_duration(step.hold)}};
    if (step.approve)
      shown["approve"] = true;
    steps.push_back(std::move(shown));
  }
  return steps;
}

// Writes ` evidence=error_rate:3.1/40 proof=error_rate:0.2/40 dry_run=avg_latency_ms`, and leaves
// out what is empty.
std::string describe_analysis(const std::vector<judge::judged_metric>& metrics) {
  std::string evidence;
  std::string proof;
  std::string dry_run;
  const auto add = [](std::string& list, std::string_view key, const std::string& item) {
    list += list.empty() ? fmt::format(" {}={}", key, item) : "," + item;
  };
  for (const auto& metric : metrics) {
    if (const auto& shown = metric.evidence) {
      const auto odds = [&](double gathered) {
        return metric.name + ":" + judge::short_odds_text(gathered, shown->needed);
      };
      add(evidence, "evidence", odds(shown->against));
      add(proof, "proof", odds(shown->within));
    }
    if (metric.dry_run)
      add(dry_run, "dry_run", metric.name);
  }
  return evidence + proof + dry_run;
}

}  // namespace

json::object describe_job(const job::job& spec, const canary::canary& current) {
  json::object labels;
  for (const auto& [key, value] : spec.labels)
    labels[key] = value;
  const auto& counts = current.readings;
  return {{"job_id", current.job_id},
          {"platform", spec.platform},
          {"bot_id", spec.bot_id},
          {"environment_id", spec.environment_id},
          {"version", spec.version},
          {"deployment_id", text_or_null(current.deployment_id)},
          {"status", to_string(state_of(current))},
          {"reason", why_of(current) ? json::value(to_string(*why_of(current))) : json::value{}},
          {"final_metrics", final_metrics(current.newest)},
          {"verified", value_or_null(is_verified(current))},
          {"started_at", time_or_null(current.started_at)},
          {"ended_at", time_or_null(current.ended_at)},
          {"steps", describe_steps(spec)},
          {"readings", json::object{{"pass", counts.pass},
                                    {"breach", counts.breach},
                                    {"no_data", counts.no_data},
                                    {"provider_error", counts.provider_error}}},
          {"labels", std::move(labels)}};
}

std::string write_result(const job::job& spec, const canary::canary& ended) {
  return text::write_json(describe_job(spec, ended), text::json_layout::indented);
}

std::string describe_reading(const judge::reading& taken) {
  std::string line;
  auto out = std::back_inserter(line);
  for (const auto& metric : taken.metrics) {
    if (metric.value)
      fmt::format_to(out, "{}={}/{} ", metric.name,
                     text::short_decimal(*metric.value, metric.limit),
                     text::short_decimal(metric.limit, *metric.value));
    else
      fmt::format_to(out, "{}=-/{:.6g} ", metric.name, metric.limit);
  }
  if (taken.outcome != judge::verdict::provider_error) {
    if (taken.conversations)
      fmt::format_to(out, "conversations={} ", *taken.conversations);
    else
      line += "conversations=- ";
  }
  fmt::format_to(out, "verdict={}", to_string(taken.outcome));
  return line + describe_analysis(taken.metrics);
}

}  // namespace canaryd::daemon
