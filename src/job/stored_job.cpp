#include "canaryd/job/stored_job.hpp"

#include "canaryd/job/metric_table.hpp"
#include "canaryd/text/json_fields.hpp"
#include "canaryd/text/json_parse.hpp"
#include "canaryd/text/json_rules.hpp"

#include "job_file_words.hpp"
#include <array>
#include <limits>
#include <utility>

namespace canaryd::job {
namespace json = boost::json;
namespace {

// The shortest interval and hold. With 0, no time would pass.
constexpr duration moment = std::chrono::milliseconds{1};

text::rule<std::string> any_text() {
  return text::text_of("text", 0, std::numeric_limits<std::size_t>::max(),
                       [](std::string_view) { return true; });
}

text::rule<std::string> some_text() {
  return text::text_of("text", 1, std::numeric_limits<std::size_t>::max(),
                       [](std::string_view) { return true; });
}

text::rule<std::int64_t> count() {
  return text::whole_number(0, std::numeric_limits<std::int32_t>::max());
}

text::rule<duration> time_from(duration least) {
  return text::duration_in(least, text::max_duration);
}

template <class Limits>
void read_stored_limits(text::json_fields in, Limits& into) {
  for (const auto& metric : built_in_metrics)
    in.read(metric.limit_key, limit_of(into, metric), text::number_in({}));
}

const json::array* list_at(text::json_fields& in, std::string_view key) {
  return in.array(key, 0, std::numeric_limits<std::size_t>::max());
}

void read_stored_steps(text::json_fields& in, job& into) {
  const auto* steps = list_at(in, "steps");
  if (steps == nullptr)
    return;
  into.steps.clear();
  for (std::size_t i = 0; i < steps->size(); ++i) {
    auto& step = into.steps.emplace_back(traffic_step{.hold = into.validation_duration});
    auto at = in.element("steps", *steps, i);
    if (!at)
      continue;
    at->require("canary", step.canary_percent, text::number_in({}));
    at->read("hold", step.hold, time_from(moment));
    at->read("approve", step.approve, text::boolean());
  }
  if (into.steps.empty())
    in.complain("steps", "found none, allowed is at least one");
}

// write_job_file always writes the matrix. It writes the steps only if they say more.
void read_traffic(text::json_fields& in, job& into) {
  into.steps = {{.hold = into.validation_duration}};
  auto matrix = in.require_object("traffic_matrix");
  if (matrix) {
    matrix->require("canary", into.steps.front().canary_percent, text::number_in({}));
    matrix->require("stable", into.stable_percent, text::number_in({}));
  }
  read_stored_steps(in, into);
}

void read_times(text::json_fields& in, job& into) {
  in.read("validation_interval", into.validation_interval, time_from(moment));
  in.read("validation_duration", into.validation_duration, time_from(moment));
  into.max_extension = into.validation_duration;
  in.read("max_extension", into.max_extension, time_from(duration::zero()));
  in.read("gate_timeout", into.gate_timeout, time_from(duration::zero()));
  constexpr auto longest = std::chrono::floor<std::chrono::minutes>(text::max_duration);
  in.read("window_minutes", into.window, text::whole_number(1, longest.count()));
}

void read_counts(text::json_fields& in, job& into) {
  // Above this, a double cannot tell one whole number from the next.
  in.read("min_conversations", into.min_conversations,
          text::whole_number(0, std::int64_t{1} << 53));
  in.read("failure_limit", into.failure_limit, count());
  in.read("no_data_limit", into.no_data_limit, count());
  in.read("provider_error_limit", into.provider_error_limit, count());
}

void read_stored_checks(text::json_fields& in, analysis_rules& into) {
  const auto* checks = list_at(in, "checks");
  for (std::size_t i = 0; checks != nullptr && i < checks->size(); ++i) {
    auto at = in.element("checks", *checks, i);
    if (!at)
      continue;
    metric_check check;
    at->require("metric", check.metric, some_text());
    check.is_minimum = at->find("min") != nullptr;
    at->require(check.is_minimum ? "min" : "max", check.limit, text::number_in({}));
    into.checks.push_back(std::move(check));
  }
}

void read_stored_analysis(text::json_fields& in, analysis_rules& into) {
  in.read("method", into.method, text::one_of(method_words()));
  in.read("compare_to", into.compare_to, text::one_of(comparison_words()));
  in.read("alpha", into.alpha, text::number_in({.min = 0, .max = 1, .above_min = true}));
  in.read("tolerated_ratio", into.tolerated_ratio, text::number_in({.min = 0, .above_min = true}));
  in.read("promote_when", into.promote_when, text::one_of(promotion_words()));
  in.read("promote_early", into.promote_early, text::boolean());
  if (auto limits = in.object("hard_limits"))
    read_stored_limits(*limits, into.hard);
  if (auto limits = in.object("failure_limits")) {
    for (const auto& member : limits->members()) {
      std::int32_t limit = 0;
      if (limits->read(member.key(), limit, count()))
        into.failure_limits.emplace_back(member.key(), limit);
    }
  }
  constexpr auto any_number = std::numeric_limits<std::size_t>::max();
  in.read_list("dry_run", into.dry_run, 0, any_number, some_text());
  in.read_list("optional", into.optional, 0, any_number, some_text());
  read_stored_checks(in, into);
}

void read_stored_labels(text::json_fields& in, job& into) {
  auto labels = in.object("labels");
  if (!labels)
    return;
  for (const auto& member : labels->members()) {
    std::string value;
    if (labels->read(member.key(), value, any_text()))
      into.labels.emplace_back(member.key(), std::move(value));
  }
}

job read_job(text::json_fields& in) {
  job read;
  in.read("platform", read.platform, some_text());
  in.require("bot_id", read.bot_id, some_text());
  in.require("environment_id", read.environment_id, some_text());
  in.require("version", read.version, some_text());
  in.require("max_traffic_percentage", read.max_traffic_percentage, text::number_in({}));
  if (auto limits = in.object("rollback_thresholds"))
    read_stored_limits(*limits, read.rollback_thresholds);
  in.read("enable_metric_aggregation", read.enable_metric_aggregation, text::boolean());
  in.read("webhook_url", read.webhook_url, any_text());
  read_times(in, read);
  read_traffic(in, read);
  read_counts(in, read);
  in.read("on_inconclusive", read.on_inconclusive, text::one_of(inconclusive_words()));
  in.read("approve_promotion", read.approve_promotion, text::boolean());
  if (auto analysis = in.object("analysis"))
    read_stored_analysis(*analysis, read.analysis);
  read_stored_labels(in, read);
  return read;
}

std::unexpected<error> malformed(std::string text) {
  return failure(fault::malformed, "a stored job file: " + std::move(text));
}

}  // namespace

result<job> read_stored_job(std::string_view text) {
  json::error_code ec;
  const auto parsed = text::parse_json(text, ec);
  if (ec)
    return malformed("it is not JSON: " + ec.message());
  const auto* object = parsed.if_object();
  if (object == nullptr)
    return malformed(text::not_an_object(parsed));
  text::problem_list problems;
  text::json_fields in{*object, "", problems};
  auto read = read_job(in);
  if (!problems.empty())
    return malformed(problems.front().pointer + ": " + problems.front().message);
  return read;
}

}  // namespace canaryd::job
