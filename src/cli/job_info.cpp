#include "canaryd/cli/job_info.hpp"

#include "canaryd/cli/json_members.hpp"
#include "canaryd/judge/odds_text.hpp"
#include "canaryd/text/duration_text.hpp"
#include "canaryd/text/enum_word.hpp"
#include "canaryd/text/text.hpp"
#include "canaryd/text/wall_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace canaryd::cli {
namespace json = boost::json;
namespace {

std::optional<wall_time> time_of(const json::value& from, std::string_view key) {
  return text::parse_wall_time(text_of(from, key));
}

// Reads a duration that is a text ("5m") or a number of seconds.
std::optional<duration> duration_of(const json::value& from, std::string_view key) {
  if (const auto seconds = number_of(from, key))
    return text::duration_from_seconds(*seconds);
  return text::parse_duration(text_of(from, key));
}

std::size_t count_of(const json::value& from, std::string_view key) {
  const double count = number_of(from, key).value_or(0);
  return count >= 0 && count < 1e6 ? static_cast<std::size_t>(count) : 0;
}

bool is_true(const json::value& from, std::string_view key) {
  const auto* found = member_of(from, key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

step_info read_step(const json::value& from) {
  return {.canary_percent = number_of(from, "canary").value_or(0),
          .hold = duration_of(from, "hold").value_or(duration::zero()),
          .approve = is_true(from, "approve")};
}

std::optional<evidence_info> read_evidence(const json::value& metric) {
  const auto* from = member_of(metric, "evidence");
  if (from == nullptr || !from->is_object())
    return std::nullopt;
  return evidence_info{.against = number_of(*from, "against").value_or(0),
                       .within = number_of(*from, "within").value_or(0),
                       .needed = number_of(*from, "needed").value_or(0)};
}

// Reads the canary's share, which is a number or part of a traffic matrix.
std::optional<double> read_traffic(const json::value& from) {
  const auto* traffic = member_of(from, "traffic");
  if (traffic != nullptr && traffic->is_object())
    return number_of(*traffic, "canary");
  return number_of(from, "traffic");
}

}  // namespace

job_info read_job_info(const json::value& from) {
  job_info job{.job_id = text_of(from, "job_id"),
               .platform = text_of(from, "platform"),
               .bot_id = text_of(from, "bot_id"),
               .environment_id = text_of(from, "environment_id"),
               .version = text_of(from, "version"),
               .deployment_id = text_of(from, "deployment_id"),
               .state = text_of(from, "state"),
               .reason = text_of(from, "reason"),
               .detail = text_of(from, "detail"),
               .started_at = time_of(from, "started_at"),
               .ended_at = time_of(from, "ended_at"),
               .step = count_of(from, "step"),
               .traffic = read_traffic(from),
               .next_check_at = time_of(from, "next_check_at"),
               .hold_remaining = duration_of(from, "hold_remaining_s"),
               .approved = is_true(from, "approved")};
  if (job.state.empty())
    job.state = text_of(from, "status");
  for (const auto& step : array_of(from, "steps"))
    job.steps.push_back(read_step(step));
  for (const auto& [verdict, count] : object_of(from, "readings"))
    job.readings.emplace_back(verdict, count.is_int64() ? count.get_int64() : 0);
  for (const auto& [key, value] : object_of(from, "labels"))
    job.labels.emplace_back(text::printable_excerpt(key, 63),
                            text_of(from.at("labels"), std::string_view{key}));
  return job;
}

reading_info read_reading_info(const json::value& from) {
  reading_info reading{.job_id = text_of(from, "job_id"),
                       .at_text = text_of(from, "at"),
                       .at = time_of(from, "at"),
                       .verdict = text_of(from, "verdict"),
                       .source = text_of(from, "source"),
                       .window_s = number_of(from, "window_s"),
                       .conversations = number_of(from, "conversations"),
                       .problem = text_of(from, "problem"),
                       .metrics = {}};
  for (const auto& [name, metric] : object_of(from, "metrics")) {
    reading.metrics.push_back({.name = text::printable_excerpt(name, 128),
                               .value = number_of(metric, "value"),
                               .limit = number_of(metric, "limit"),
                               .worse = text::from_word<job::worse_side>(text_of(metric, "worse")),
                               .verdict = text_of(metric, "verdict"),
                               .stable = number_of(metric, "stable"),
                               .dry_run = is_true(metric, "dry_run"),
                               .evidence = read_evidence(metric)});
  }
  return reading;
}

bool is_elsewhere(const job_info& job) {
  return !job.platform.empty() && job.platform != job::default_platform;
}

bool has_ended(const job_info& job) {
  return job.state == "promoted_to_stable" || job.state == "rolled_back" || job.state == "failed";
}

exit_code outcome_of(const job_info& job) {
  if (job.state == "promoted_to_stable")
    return fine;
  return job.state == "rolled_back" ? refused : failed;
}

std::string_view limit_sign(const metric_info& metric) {
  if (!metric.worse)
    return "";
  return *metric.worse == job::worse_side::higher ? "≤" : "≥";
}

std::string what_to_do(const job_info& job) {
  if (job.state != "waiting_approval" || job.approved)
    return "";
  // With the step, a command that is copied late cannot open the next gate.
  const auto expected = job.step > 0 ? fmt::format(" --expect-step {}", job.step) : "";
  return fmt::format("canaryctl approve {}{}", job.job_id, expected);
}

std::size_t steps_done(const job_info& job) {
  if (job.state == "promoted_to_stable")
    return job.reason == "passed" || job.reason == "proven_early" ? job.steps.size() : job.step;
  return job.step > 0 ? job.step - 1 : 0;
}

std::string verdict_text(const metric_info& metric) {
  return metric.dry_run ? "(" + metric.verdict + ")" : metric.verdict;
}

std::string evidence_text(const metric_info& metric) {
  if (!metric.evidence)
    return "-";
  const auto& [against, within, needed] = *metric.evidence;
  if (metric.verdict == "pass" && within >= needed)
    return "proven";
  const bool speaks_for = within > against;
  return fmt::format("{} {}", speaks_for ? "for" : "against",
                     judge::short_odds_text(speaks_for ? within : against, needed));
}

std::string value_text(std::optional<double> value) {
  if (!value || !std::isfinite(*value))
    return "-";
  const double size = std::abs(*value);
  return size >= 1e3 && size < 1e6 ? fmt::format("{:.0f}", *value) : fmt::format("{:.4g}", *value);
}

std::string count_text(std::optional<double> count) {
  constexpr double countless = 1e15;
  return count && std::abs(*count) < countless ? fmt::format("{:.0f}", *count) : value_text(count);
}

std::string values_text(const metric_info& metric) {
  const auto values = fmt::format("{}/{}", value_text(metric.value), value_text(metric.limit));
  return metric.dry_run ? "(" + values + ")" : values;
}

std::string describe(const reading_info& reading) {
  auto line = reading.verdict;
  for (const auto& metric : reading.metrics)
    line += fmt::format(" {}={}", metric.name, values_text(metric));
  if (reading.conversations)
    line += fmt::format(" conversations={}", count_text(reading.conversations));
  std::string evidence;
  for (const auto& metric : reading.metrics) {
    if (metric.evidence)
      evidence += fmt::format("{}{}:{}", evidence.empty() ? " evidence=" : ",", metric.name,
                              evidence_text(metric));
  }
  return line + evidence + (reading.problem.empty() ? "" : ": " + reading.problem);
}

}  // namespace canaryd::cli
